"""Topics stand in the order in which a reader looks for them."""

from sage.tools.adr.parse import parse_record
from sage.tools.site.topics import find_topics


def record(number, tags, layers):
    front = f"---\nstatus: accepted\ntags: {tags}\nlayers: {layers}\n---\n\n# T\n"
    read, _ = parse_record(front, f"adr/{number:04d}-t.md")
    assert read is not None
    return read


def test_layers_stand_by_name_and_tags_by_how_many_records_have_them():
    topics = find_topics(
        [
            record(1, "[apples, plums]", "[L3]"),
            record(2, "[plums, cherries, cherries]", "[L1, L3]"),
            record(3, "[plums]", "[L2]"),
        ]
    )
    assert [(topic.kind, topic.value, topic.count) for topic in topics] == [
        ("layer", "L1", 1),
        ("layer", "L2", 1),
        ("layer", "L3", 2),
        ("tag", "plums", 3),
        ("tag", "apples", 1),
        ("tag", "cherries", 1),
    ]
