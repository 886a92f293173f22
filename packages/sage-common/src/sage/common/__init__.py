"""What every layer may use: errors, the registry, codecs, fork safety. Imports no other layer.

- `sage.common.errors`: `SageError`, the root of every error raised on purpose.
- `sage.common.registry`: `Registry`, things by name that upper layers put into lower ones.
- `sage.common.codec`: `Codec` and its three forms, values to bytes and back.
- `sage.common.forks`: `Forks`, what a forked child must not touch.
"""
