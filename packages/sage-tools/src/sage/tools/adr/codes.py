"""Every finding of the decision log: its stable code, its weight, a bad and a good example."""

from dataclasses import dataclass

from sage.tools.finding import Finding, Severity

# adr: off (the numbers here are examples)

__all__ = ["CODES", "Code", "found"]


@dataclass(frozen=True, slots=True)
class Code:
    """One rule that a sound decision log obeys.

    Attributes:
        severity: How heavy a breach is: `"error"` or `"warning"`.
        rule: What is asked, in one sentence.
        why: What goes wrong without it, and how to repair a breach.
        bad: A small example that breaks the rule.
        good: The same example, sound.
    """

    severity: Severity
    rule: str
    why: str
    bad: str
    good: str


CODES: dict[str, Code] = {
    "unreadable-record": Code(
        "error",
        "A record is a regular file of Markdown in UTF-8, of at most 2 MiB.",
        "A record that cannot be read is listed as unknown and the others are still read. "
        "Save it as UTF-8, repair its permissions, or take it out of the folder. A file with a "
        "record's name in another markup, such as `0007-queues.rst`, is not read either: "
        "convert it.",
        "adr/0007-queues.md, saved as UTF-16",
        "adr/0007-queues.md, saved as UTF-8",
    ),
    "empty-log": Code(
        "error",
        "A decision log holds a record.",
        "A check that read nothing has proved nothing. Name the folder in which the records lie, "
        "or write the first one. Records are Markdown: `0007-queues.md`, or a folder for each, "
        "`0007-queues/index.md` or `0007-queues/README.md`.",
        "docs/decisions/ with 0001-queues.rst and 0002-stores.rst in it",
        "docs/decisions/ with 0001-queues.md and 0002-stores.md in it",
    ),
    "empty-record": Code(
        "error",
        "A record says something.",
        "An empty file takes a number and decides nothing. Write it, or delete it.",
        "adr/0007-queues.md with no text in it",
        "# Queues are values\n\n## Status\n\nProposed",
    ),
    "bad-front-matter": Code(
        "error",
        "Front matter is a block of YAML between two lines `---`, with `key: value` lines; lists "
        "hold plain words.",
        "Front matter that does not parse hides the status from every reader. So does a block "
        "whose first `---` is missing, or is not the file's first line, and one that states a key "
        "such as `status` twice, for YAML takes the last of them.",
        "---\nstatus: [accepted\n---",
        "---\nstatus: accepted\n---",
    ),
    "unknown-key": Code(
        "error",
        "A key of front matter that is meant for `sage-dev` is spelt as `sage-dev` knows it.",
        "A key that is misspelt says nothing: the record rules no file, or supersedes none, and "
        "nobody is told. Keys of other tools are fine; a finding is only what is a letter or two "
        "from `status`, `date`, `title`, `tags`, `layers`, `deciders`, `decision-makers`, "
        "`governs`, `review-by`, `supersedes` or `superseded-by`.",
        '---\nstatus: accepted\ngovern: ["packages/sage-platform/src/**"]\n---',
        '---\nstatus: accepted\ngoverns: ["packages/sage-platform/src/**"]\n---',
    ),
    "unknown-layer": Code(
        "error",
        "A layer in `layers` is one that `layer.yaml` names.",
        "A record that speaks of a layer which is not there is found by nobody who looks for the "
        "layer's decisions. Correct the name. Without a `layer.yaml` any name will do.",
        "layers: [L9]",
        "layers: [L2]",
    ),
    "missing-title": Code(
        "error",
        "A record has a title.",
        "Reviewers read titles in lists and tooltips. Write a first-level heading.",
        "## Context\n\nWe need queues.",
        "# Queues are values\n\n## Context\n\nWe need queues.",
    ),
    "missing-status": Code(
        "error",
        "A record states its status.",
        "Without one nobody knows whether the decision holds. "
        "Write one of draft, proposed, accepted, rejected, deprecated, superseded. Where more than "
        "half of a log's records, and at least three, state none, the log does without statuses, "
        "as MADR allows, and this is only a warning.",
        "---\ndate: 2025-10-22\n---",
        "---\nstatus: accepted\ndate: 2025-10-22\n---",
    ),
    "unknown-status": Code(
        "error",
        "The status is a word that is known, and only one.",
        "A status such as 'partially accepted' or 'accepted | rejected' can be read in two ways, "
        "so it is never guessed. Write one of draft, proposed, accepted, rejected, deprecated, "
        "superseded.",
        "---\nstatus: partially accepted\n---",
        "---\nstatus: accepted\n---",
    ),
    "bad-date": Code(
        "error",
        "A date is a day that exists, written so that it can be read in one way.",
        "A date that cannot be read sorts nowhere. Write YYYY-MM-DD.",
        "date: 2025-13-40",
        "date: 2025-12-30",
    ),
    "number-mismatch": Code(
        "error",
        "The number in the title is the number in the file name.",
        "Two numbers for one decision make every citation ambiguous. "
        "Correct the title, or use `sage-dev adr renumber`.",
        "adr/0007-queues.md: # 8. Queues are values",
        "adr/0007-queues.md: # 7. Queues are values",
    ),
    "duplicate-number": Code(
        "error",
        "A number belongs to one record.",
        "A citation of that number means either. Give the newer one the next free number with "
        "`sage-dev adr renumber`; a folder with numbers of its own is a log of its own "
        "(`adr-logs` in `[tool.sage-dev]`).",
        "adr/0007-queues.md and adr/0007-stores.md",
        "adr/0007-queues.md and adr/0008-stores.md",
    ),
    "number-taken": Code(
        "error",
        "A new number is free on the other branches, too (`lint --against BRANCH`).",
        "Two branches that take one number merge without a conflict. "
        "Run `sage-dev adr renumber` on the branch that comes second.",
        "adr/0012-a.md here, adr/0012-b.md on origin/main",
        "adr/0013-a.md here, adr/0012-b.md on origin/main",
    ),
    "decision-rewritten": Code(
        "error",
        "The decision of an accepted record is not rewritten (`lint --since REV`).",
        "Readers rely on what was accepted. Write a new record and supersede the old one.",
        "- We use Redis.\n+ We use RocksDB.",
        "sage-dev adr supersede 7 --title 'Stores use RocksDB'",
    ),
    "status-change": Code(
        "error",
        "A status changes only forward (`lint --since REV`).",
        "An accepted decision does not become a proposal again: it is deprecated or superseded, "
        "and a rejected one is proposed anew under a new number.",
        "- status: accepted\n+ status: draft",
        "- status: accepted\n+ status: deprecated",
    ),
    "record-removed": Code(
        "error",
        "A decided record stays (`lint --since REV`).",
        "Its number is cited, and history is what a log is for. Deprecate or supersede it.",
        "git rm adr/0007-queues.md",
        "sage-dev adr deprecate 7",
    ),
    "broken-link": Code(
        "error",
        "Links and images of a record lead to a file that exists.",
        "A dead link hides what the decision rests on. Correct the path: it is relative to the "
        "record.",
        "See [the queues](0009-no-such.md).",
        "See [the queues](0007-queues.md).",
    ),
    "broken-anchor": Code(
        "error",
        "What follows the # of a link is a heading or an anchor of the page it leads to.",
        "The reader lands at the top of the page and has to search. Correct it: a heading's name "
        "in lower case, with hyphens, as GitHub or Python-Markdown spells it, or an id that the "
        'page sets with `{#id}` or `<a id="id">`.',
        "See [the reasons](0007-queues.md#reasons).",
        "See [the reasons](0007-queues.md#context-and-problem).",
    ),
    "missing-path": Code(
        "error",
        "A path of this workspace that a record names still exists.",
        "A decision about a file that is gone is out of date. Correct the path, or, where the "
        "sentence speaks of the past, say so with `<!-- adr: past -->` on that line. An example "
        "belongs in a fenced block, which is not judged; nor are two words such as `x/auth`, "
        "which may be the package of another repository.",
        "The registry lives in `packages/no-such/registry.py`.",
        "The registry lived in `packages/no-such/registry.py`. <!-- adr: past -->",
    ),
    "missing-symbol": Code(
        "error",
        "A Python name of this workspace that a record names still exists.",
        "A decision about a name that is gone is out of date. Correct the name, or, where the "
        "sentence speaks of the past, say so with `<!-- adr: past -->` on that line.",
        "Call `sage.platform.queue.register_factory`.",
        "Call `sage.platform.queue.register_rpc_queue_factory`.",
    ),
    "one-way-supersede": Code(
        "error",
        "Both records say that one supersedes the other.",
        "A reader of the old record must be sent on, and a reader of the new one must see what it "
        "ends. `sage-dev adr lint --fix` writes the missing side.",
        "0009: supersedes: [7]     0007: status: accepted",
        "0009: supersedes: [7]     0007: status: superseded",
    ),
    "unknown-successor": Code(
        "error",
        "A record that supersedes, or is superseded, names records that exist.",
        "The link leads nowhere. Correct the number.",
        "supersedes: [99]",
        "supersedes: [7]",
    ),
    "supersede-cycle": Code(
        "error",
        "No record supersedes itself, directly or through others.",
        "In a circle no decision holds. Take out the wrong link.",
        "0007: supersedes: [9]     0009: supersedes: [7]",
        "0009: supersedes: [7]",
    ),
    "missing-section": Code(
        "warning",
        "A record has a context, a decision and its consequences.",
        "A decision without its reasons cannot be judged later. Sections asked for are set by "
        "`adr-sections` in `[tool.sage-dev]`. One that most records of a log lack is a single "
        "finding of the log's folder.",
        "# Queues are values\n\n## Decision\n\nThey are.",
        "## Context\n\n…\n\n## Decision\n\nThey are.\n\n## Consequences\n\n…",
    ),
    "review-overdue": Code(
        "warning",
        "A record is looked at again by the day it sets itself in `review-by`.",
        "The day has passed. Review it: set a new day, deprecate it, or supersede it.",
        "review-by: 2020-01-01",
        "review-by: 2030-01-01",
    ),
    "governs-nothing": Code(
        "error",
        "Each pattern in `governs` matches a file.",
        "A decision that rules no file is out of date, or the pattern is misspelt. "
        "Patterns are relative to the root of the repository.",
        'governs: ["packages/no-such/**"]',
        'governs: ["packages/sage-platform/src/**"]',
    ),
    "unknown-citation": Code(
        "error",
        "A cited number is a record of this repository.",
        "A citation that leads nowhere cannot be checked by a reader. Correct the number; "
        "where it means another repository's record, write `adr: elsewhere` on that line, or link "
        "to that record. Templates are not judged. The numbers in layer.yaml are citations, too: "
        "`sage-dev layers` and `sage-dev quality` look them up.",
        "# Queues are values, see ADR-9999.",
        "# Queues are values, see ADR-0002.",
    ),
    "outdated-citation": Code(
        "warning",
        "A cited decision still holds.",
        "Whoever follows the citation learns what no longer holds. Cite the successor; where the "
        "sentence speaks of the past, write `adr: past` on that line. Changelogs, the log's own "
        "index, and records that are older than the successor or hold no more themselves speak of "
        "the past anyway.",
        "# No L2, see ADR-0000.",
        "# No L2, see ADR-0000, which ADR-0001 superseded.",
    ),
}


def found(code: str, path: str, line: int, message: str) -> Finding:
    """A finding with the weight that its code has.

    >>> found("review-overdue", "adr/0001-x.md", 3, "review was due").severity
    'warning'
    """
    return Finding(path, line, code, message, CODES[code].severity)
