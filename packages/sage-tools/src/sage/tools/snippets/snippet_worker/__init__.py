"""What runs in processes of its own: the fork server, and in its children the pages.

It imports nothing but the standard library. The controlling side takes `frames` from here, and so
this file loads nothing.
"""
