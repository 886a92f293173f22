"""The words that generated parts of a page use, in each language of the site."""

from typing import Final

from sage.tools.adr.record import Status

__all__ = ["LANGUAGES", "STATUSES", "guidance", "picture_words", "status_word", "words"]

LANGUAGES: Final = {"en": "English", "zh": "中文"}

STATUSES: Final[tuple[Status, ...]] = (
    "proposed",
    "draft",
    "accepted",
    "superseded",
    "deprecated",
    "rejected",
    "unknown",
)

_STATUS_WORDS: Final[dict[str, dict[Status, str]]] = {
    "en": {status: status for status in STATUSES},
    "zh": {
        "proposed": "提议",
        "draft": "草稿",
        "accepted": "已采纳",
        "superseded": "已取代",
        "deprecated": "已弃用",
        "rejected": "已否决",
        "unknown": "状态不明",
    },
}

_GUIDANCE: Final[dict[str, dict[Status, str]]] = {
    "en": {
        "proposed": "Open for review: read it and object before it is decided.",
        "draft": "Still being written: do not rely on it yet.",
        "accepted": "In force: follow it, and cite it.",
        "superseded": "Replaced: follow the record that supersedes it.",
        "deprecated": "No longer recommended: do not use it for new work.",
        "rejected": "Turned down: do not do this. The record says why.",
        "unknown": "Its status cannot be read: ask before you rely on it.",
    },
    "zh": {
        "proposed": "征求意见：请在决定之前阅读并提出异议。",
        "draft": "仍在撰写：暂时不要依赖它。",
        "accepted": "有效：请遵守，并可引用。",
        "superseded": "已被替换：请遵守取代它的记录。",
        "deprecated": "不再推荐：新的工作不要使用它。",
        "rejected": "已被否决：不要这样做，记录说明了原因。",
        "unknown": "无法读出状态：依赖它之前请先询问。",
    },
}

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "accepted": "In force",
        "all_about": "Every decision in the order of its number, with status and date.",
        "any": "any",
        "by_number": "All decisions by number",
        "date": "Date",
        "feed": "Feed",
        "feed_proposed": "Feed: open for review",
        "filter": "Filter the decisions",
        "filter_words": "Words",
        "found": "{n} of {all} decisions",
        "found_none": "No decision matches.",
        "in_english": "{title} (in English)",
        "in_force_legend": "Follow these, and cite them.",
        "history_about": "When each decision was made, and which one replaced which.",
        "index_about": "Every decision by state: open for review, in force, no longer.",
        "index_lead": "{n} records, each with the code that ran, its rules and who cites it.",
        "layer": "Layer",
        "no_longer_legend": "Replaced, turned down or given up; kept, as citations lead here.",
        "none_replaced_any": "No record has replaced another yet.",
        "number": "Number",
        "open_for_review_legend": "Read these and object before they are decided.",
        "reset": "Clear",
        "status": "Status",
        "tag": "Tag",
        "timeline": "Timeline",
        "timeline_text": "The same as a table:",
        "title": "Title",
        "topic_layer": "Decisions on layer {name}",
        "topic_tag": "Decisions tagged {name}",
        "topics": "By layer and tag",
        "topics_about": "The decisions on each layer and under each tag.",
        "ways": "Other ways through the decisions",
        "asks_review": "This decision is open. Please review it.",
        "by": "decided by",
        "clear_filter": "Clear the filter",
        "colon": ": ",
        "cite": "Cite",
        "cite_markdown": "Markdown",
        "cite_text": "Text",
        "cited_as": "{id}, “{title}”, {decided}, {address}",
        "cite_url": "Address",
        "cited_by": "Cited by",
        "cited_nowhere": "Nothing cites it yet.",
        "copy_this": "Copy",
        "modified": "changed",
        "decisions": "Decisions",
        "evidence": "Evidence",
        "examples": "examples:",
        "files": "files",
        "governs": "Rules these files",
        "governs_nothing": "No file is named.",
        "history": "History",
        "layers": "Layers",
        "more": "and {n} more",
        "none_replaced": "Replaces nothing, and nothing replaced it.",
        "no_snippets": "This record shows no code.",
        "open_for_review": "Open for review",
        "no_longer": "No longer",
        "unclear": "Status not known",
        "unclear_legend": "No status can be read in them: ask before you rely on them.",
        "in_force": "In force",
        "cut": "{n} more characters were printed",
        "expected": "Expected",
        "output": "Output",
        "packages": "packages",
        "places": "places",
        "ran_line": "{passed} of {all} snippets ran, last on {when}",
        "ran_line_not": "{passed} of {all} snippets ran as they now stand",
        "relations": "Relations",
        "run_failed": "failed",
        "run_passed": "ran",
        "run_skipped": "not run, on purpose",
        "run_source": "source",
        "run_stale": "not run",
        "run_stale_why": "The code, with what it rests on, has not run as it now stands.",
        "review_by": "look at it again by",
        "ruled_by": "ruled by",
        "rules": "Rules enforced",
        "rules_none": "No automatic rule rests on it.",
        "snippets": "Code that ran",
        "source": "Source",
        "superseded_by": "Superseded by",
        "superseded_lead": "This decision is no longer in force. It was superseded by",
        "superseded_unknown": "This decision is no longer in force.",
        "stale_original": "Read the original",
        "stale_translation": "This translation is older than its original.",
        "supersedes": "Supersedes",
        "tags": "Tags",
        "with": "with",
        "broken": "broken",
        "checked_now": "What is checked now:",
        "judged": "holds, as far as names show",
        "replaced_by": "replaced by",
        "builds_on": "Builds on",
        "document_says": "The document says",
        "elsewhere": "elsewhere",
        "here": "here",
        "holds": "holds",
        "holds_in": "holds in {what}",
        "lives": "Lives",
        "native_files": "{n} files",
        "native_unknown": "not known here",
        "none": "none",
        "nothing": "nothing",
        "now": "Now",
        "package": "Package",
        "proved_by": "Proved by",
        "rests_on": "Rests on",
        "rule": "Rule",
        "findings": "findings",
        "one_file": "file",
        "one_finding": "finding",
        "one_package": "package",
        "one_place": "place",
        "what_it_is": "What it is",
    },
    "zh": {
        "accepted": "有效",
        "all_about": "按编号列出的全部决策，含状态与日期。",
        "any": "不限",
        "by_number": "按编号列出全部决策",
        "date": "日期",
        "feed": "订阅",
        "feed_proposed": "订阅：待审阅",
        "filter": "筛选决策",
        "filter_words": "关键词",
        "found": "{all} 条决策中的 {n} 条",
        "found_none": "没有符合条件的决策。",
        "in_english": "{title}（英文）",
        "in_force_legend": "请遵守，并可引用。",
        "history_about": "每条决策的时间，以及哪一条取代了哪一条。",
        "index_about": "按状态列出的全部决策：待审阅、有效、不再有效。",
        "index_lead": "共 {n} 条记录。每条都展示运行过的代码、自动检查的规则，以及引用它的地方。",
        "layer": "层级",
        "no_longer_legend": "已被取代、否决或放弃；保留下来，因为旧的引用仍指向它们。",
        "none_replaced_any": "还没有任何记录取代过其他记录。",
        "number": "编号",
        "open_for_review_legend": "请在决定之前阅读并提出异议。",
        "reset": "清除",
        "status": "状态",
        "tag": "标签",
        "timeline": "时间线",
        "timeline_text": "表格形式：",
        "title": "标题",
        "topic_layer": "层级 {name} 的决策",
        "topic_tag": "标签为 {name} 的决策",
        "topics": "按层级和标签",
        "topics_about": "每个层级、每个标签下的决策。",
        "ways": "浏览决策的其他方式",
        "asks_review": "此决策尚未确定，请审阅。",
        "by": "决策者",
        "clear_filter": "清除筛选条件",
        "colon": "：",
        "cite": "引用",
        "cite_markdown": "Markdown",
        "cite_text": "文本",
        "cited_as": "{id}《{title}》，{decided}，{address}",
        "cite_url": "网址",
        "cited_by": "被引用",
        "cited_nowhere": "尚无引用。",
        "copy_this": "复制",
        "modified": "最后修改",
        "decisions": "决策",
        "evidence": "证据",
        "examples": "示例：",
        "files": "个文件",
        "governs": "约束的文件",
        "governs_nothing": "未指明文件。",
        "history": "历史",
        "layers": "层级",
        "more": "另有 {n} 项",
        "none_replaced": "未取代其他记录，也未被取代。",
        "no_snippets": "此记录没有代码。",
        "open_for_review": "待审阅",
        "no_longer": "不再有效",
        "unclear": "状态不明",
        "unclear_legend": "从这些记录中读不出状态：依赖它们之前请先询问。",
        "in_force": "有效",
        "cut": "另有 {n} 个字符的输出",
        "expected": "预期输出",
        "output": "输出",
        "packages": "个包",
        "places": "处",
        "ran_line": "{all} 段代码中 {passed} 段已运行，最近于 {when}",
        "ran_line_not": "{all} 段代码中 {passed} 段按现状运行过",
        "relations": "关系",
        "run_failed": "失败",
        "run_passed": "已运行",
        "run_skipped": "有意不运行",
        "run_source": "源代码",
        "run_stale": "未运行",
        "run_stale_why": "代码或它所依赖的内容有改动，改动之后还没有运行过。",
        "review_by": "复审期限",
        "ruled_by": "适用的决策",
        "rules": "自动检查的规则",
        "rules_none": "没有自动规则依据它。",
        "snippets": "运行过的代码",
        "source": "源文件",
        "superseded_by": "取代它的记录",
        "superseded_lead": "此决策已不再有效，取代它的是",
        "superseded_unknown": "此决策已不再有效。",
        "stale_original": "阅读英文原文",
        "stale_translation": "原文已有改动，此译文尚未跟上。",
        "supersedes": "取代",
        "tags": "标签",
        "with": "环境",
        "broken": "不成立",
        "checked_now": "现在检查的是：",
        "judged": "仅就名称而言成立",
        "replaced_by": "已被取代，见",
        "builds_on": "依赖",
        "document_says": "文档所说",
        "elsewhere": "另一个仓库",
        "here": "本仓库",
        "holds": "成立",
        "holds_in": "在 {what}中成立",
        "lives": "位于",
        "native_files": "{n} 个文件",
        "native_unknown": "此处无从得知",
        "none": "无",
        "nothing": "无",
        "now": "现状",
        "package": "包",
        "proved_by": "证明方式",
        "rests_on": "依据",
        "rule": "规则",
        "findings": "项检查结果",
        "one_file": "个文件",
        "one_finding": "项检查结果",
        "one_package": "个包",
        "one_place": "处",
        "what_it_is": "内容",
    },
}

_PICTURE: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "Against the order: {bad}.": "违反次序：{bad}。",
        "From bottom to top.": "自下而上。",
        "No import breaks the order.": "没有导入违反次序。",
        "The layers and their packages": "各层及其中的包",
        "arrow: imports": "箭头：导入",
        "dashed: documented, lives in another one": "虚线：有文档，位于另一个仓库",
        "elsewhere": "另一个仓库",
        "layer {name}": "层级 {name}",
        "lives in another repository": "位于另一个仓库",
        "marked": "突出显示",
        "no package": "没有包",
        "red: breaks the order": "红色：违反次序",
        "solid: in this repository": "实线：在本仓库",
        "{source} imports {target}, {count} times": "{source} 导入 {target}，{count} 次",
    },
}


def status_word(status: Status, language: str = "en") -> str:
    """The word on a status badge.

    >>> status_word("superseded", "zh")
    '已取代'
    """
    return _STATUS_WORDS.get(language, _STATUS_WORDS["en"])[status]


def guidance(status: Status, language: str = "en") -> str:
    """What the reader of a record with this status should do, in one sentence.

    >>> guidance("accepted")
    'In force: follow it, and cite it.'
    """
    return _GUIDANCE.get(language, _GUIDANCE["en"])[status]


def picture_words(language: str) -> dict[str, str]:
    """What the picture of the layers says, by its English; empty where that will do."""
    return _PICTURE.get(language, {})


def words(language: str) -> dict[str, str]:
    """The labels of generated parts; English where the language is not known."""
    return _LABELS.get(language, _LABELS["en"])


class _Labels(dict[str, str]):
    """Labels that are attributes as well: a template finds those first, and quickly."""

    def __init__(self, labels: dict[str, str]) -> None:
        super().__init__(labels)
        self.__dict__ = self


_LABELS: Final = {language: _Labels(labels) for language, labels in _WORDS.items()}
