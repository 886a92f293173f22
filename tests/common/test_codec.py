import datetime
import pickle
import uuid
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.common.codec import Codec, CodecError, MsgpackCodec, PickleCodec, RawCodec
from sage.common.errors import SageError

CODECS = [MsgpackCodec(), RawCodec(), PickleCodec()]

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@dataclass
class Chunk:
    text: str
    score: float


class Local:
    """Has no MessagePack form; pickles."""


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_every_codec_obeys_the_protocol_and_keeps_bytes(codec):
    assert isinstance(codec, Codec)
    assert codec.decode(codec.encode(b"\x00\xff")) == b"\x00\xff"
    assert isinstance(codec.encode(b"x"), bytes)


@given(plain)
def test_msgpack_gives_plain_data_back(value):
    codec = MsgpackCodec()
    assert codec.decode(codec.encode(value)) == value


def test_msgpack_with_a_type_gives_that_type_back():
    codec = MsgpackCodec(type=Chunk)
    assert codec.decode(codec.encode(Chunk("L2", 0.5))) == Chunk("L2", 0.5)


def test_msgpack_with_a_type_refuses_other_data():
    with pytest.raises(CodecError, match="msgpack cannot decode"):
        MsgpackCodec(type=Chunk).decode(MsgpackCodec().encode({"text": 3}))


def test_msgpack_encodes_dates_and_uuids():
    when = datetime.datetime(2025, 10, 22, 20, 20, 32, tzinfo=datetime.UTC)
    codec = MsgpackCodec(type=datetime.datetime)
    assert codec.decode(codec.encode(when)) == when
    one = uuid.UUID(int=7)
    assert MsgpackCodec(type=uuid.UUID).decode(MsgpackCodec().encode(one)) == one


@pytest.mark.parametrize("value", [Local(), {"deep": [Local()]}, 2**64, "\ud800"])
def test_msgpack_refuses_what_it_has_no_form_for(value):
    with pytest.raises(CodecError, match="msgpack cannot encode"):
        MsgpackCodec().encode(value)


def test_msgpack_refuses_a_value_that_holds_itself():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(CodecError, match="msgpack cannot encode list"):
        MsgpackCodec().encode(endless)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x81\xa1a", b"\x01\x02"])
def test_msgpack_refuses_bytes_that_are_not_one_whole_message(data):
    with pytest.raises(CodecError, match="msgpack cannot decode"):
        MsgpackCodec().decode(data)


def test_msgpack_never_runs_pickled_code():
    with pytest.raises(CodecError):
        MsgpackCodec().decode(pickle.dumps(Local()))


def test_raw_copies_bytearrays_so_that_later_writes_do_not_reach_in():
    source = bytearray(b"abc")
    encoded = RawCodec().encode(source)
    source[0] = 0
    assert encoded == b"abc"


def test_raw_refuses_text():
    with pytest.raises(CodecError, match="raw cannot encode str: expected bytes"):
        RawCodec().encode("text")


def test_pickle_keeps_what_msgpack_turns_into_lists():
    value = {"set": {1, 2}, "tuple": (1, 2)}
    assert PickleCodec().decode(PickleCodec().encode(value)) == value


def test_pickle_refuses_a_function_without_a_name():
    with pytest.raises(CodecError, match="pickle cannot encode function"):
        PickleCodec().encode(lambda: None)


@pytest.mark.parametrize("data", [b"", b"not a pickle", b"\x80\x05c\x00"])
def test_pickle_refuses_broken_bytes(data):
    with pytest.raises(CodecError, match="pickle cannot decode"):
        PickleCodec().decode(data)


def test_codec_error_is_caught_as_sage_error_and_as_value_error():
    assert issubclass(CodecError, SageError)
    assert issubclass(CodecError, ValueError)
