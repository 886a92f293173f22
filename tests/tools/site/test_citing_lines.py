"""The line that a finding names is the line that its reader sees cite."""

# adr: off (the numbers here are examples)


def test_a_fence_that_spells_a_record_is_not_taken_for_the_line_that_cites_it(project):
    project.write(
        "docs/page.md",
        "# Page\n\n```text\nADR-0042\n```\n\n> ~~~text\n> ADR-0042\n> ~~~\n\nAs ADR-0042 says.\n",
    )
    built = project.build(strict=False)
    assert built.aborted
    assert built.log[0].startswith("docs/page.md:11: unknown-citation ADR-0042 is cited")
