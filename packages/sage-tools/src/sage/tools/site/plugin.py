"""The MkDocs plugin `decisions`: hands the generator files and parts, and nothing else (ADR-0017).

Everything it shows is made in `sage.tools.site.pages` and `sage.tools.site.markdown`, which know
no generator. It runs unchanged under ProperDocs, which answers to MkDocs' names.
"""

import errno
import logging
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mkdocs.config.config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.plugins import log as plugins_log
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.pages import log as pages_log

from sage.tools.finding import CannotBegin, counted
from sage.tools.site.addresses import relative
from sage.tools.site.beside import Beside
from sage.tools.site.build import Build
from sage.tools.site.counterparts import Counterparts
from sage.tools.site.facts import find_folders, read_facts
from sage.tools.site.filelinks import FileLinks
from sage.tools.site.fitting import fit
from sage.tools.site.links import LinkLines
from sage.tools.site.navigation import place_records, translate_all
from sage.tools.site.pages import Pages, Place
from sage.tools.site.placement import Placement, place_files
from sage.tools.site.recordpage import describe_page, give_title, surround
from sage.tools.site.sources import Sources
from sage.tools.site.summary import describe, text_of
from sage.tools.site.tally import Tally
from sage.tools.site.templating import CompiledTemplates, words_of_theme
from sage.tools.site.translations import Translations, language_of
from sage.tools.site.views import Shelf
from sage.tools.site.words import LANGUAGES
from sage.tools.snippets import load_page_settings

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

__all__ = ["DecisionsPlugin"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # the machine's bounds, not faults
API_STYLES = "assets/_mkdocstrings.css"
ONE_WORD = re.compile(r"\s*# (\w+)\s*$", re.MULTILINE)

log = logging.getLogger(f"{plugins_log.name}.decisions")


class _Options(Config):  # type: ignore[no-untyped-call]
    """What mkdocs.yml may say of the plugin; every option may be left out.

    `dir` is the records' folder, the usual ones where it is empty. `findings: show` builds although
    a check found errors, which `--strict` stops for nevertheless; `stale: show` lets `--strict`
    build although code has not run as it stands. `layer_page` and `package_page` are the addresses
    of pages with an anchor for each; `nav_words` and `layer_words` are translations, by language.
    """

    dir = option.Type(str, default="")
    layer_page = option.Type(str, default="")
    package_page = option.Type(str, default="")
    nav_words = option.Type(dict, default={})
    layer_words = option.Type(dict, default={})
    findings = option.Choice(("fail", "show"), default="fail")
    stale = option.Choice(("fail", "show"), default="fail")


class DecisionsPlugin(BasePlugin[_Options]):  # type: ignore[no-untyped-call]
    """Brings the records in and joins them with what was checked and what ran."""

    def __init__(self) -> None:
        self.build: Build
        self.root = Path()
        self._links = LinkLines(pages_log)
        self._translations = Translations({})
        self._sources: Sources
        self._placed = Placement()
        self._spoken: Counterparts
        self._tallies: dict[str, Tally] = {}
        self._listed: list[tuple[str, str, str]] = []
        self._navs: dict[str, Navigation] = {}
        self._preview = False
        self._compiled = CompiledTemplates()  # kept from one rebuild to the next

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Hear whether this is a preview: it waits for no redirects and copies of each record."""
        self._preview = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read everything once, and load the extension and the templates."""
        self.root = Path(config.config_file_path or "mkdocs.yml").resolve().parent
        try:
            folders = find_folders(self.root, self.config.dir)
            facts = read_facts(self.root, folders)
            settings = load_page_settings(self.root)
        except CannotBegin as error:
            raise PluginError(f"decisions: {error}") from error
        docs = Path(config.docs_dir)
        self._sources = Sources(self.root, docs)
        self._translations = Translations.read(docs, self.root)
        shelf = Shelf(facts, self._translations)
        pages = Pages(
            facts,
            shelf,
            repository=config.repo_url or "",
            site=_root_of(config),
            layer_page=self.config.layer_page,
            package_page=self.config.package_page,
            layer_words=self.config.layer_words,
        )
        brought = self._sources.brought(facts.log.records, folders[""], facts.files)
        links = FileLinks(self.root, self._sources.below(docs), pages.file, brought)
        self.build = Build(facts, pages, shelf, settings, links)
        fit(config, self.build, self.root)
        return config

    def on_serve(
        self, server: "LiveReloadServer", *, config: MkDocsConfig, **_builder: object
    ) -> "LiveReloadServer":
        """Build again when a record changes, and when code has run: its badge follows."""
        for folder in self.build.facts.folders:
            server.watch(str(folder))
        evidence = self.root / ".sage-dev"
        evidence.mkdir(exist_ok=True)  # what is not there cannot be watched
        server.watch(str(evidence), recursive=False)
        return server

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the records, the pages made from them, and our assets."""
        self._listed.clear()
        self._placed = place_files(files, config, self.build, self._sources, self._translations)
        self._spoken = Counterparts(files, self._placed.records, self._translations, self._sources)
        self._links.watch(self._spoken.find)
        return files

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """A record's text, which was read already; `None` for what the generator has to read."""
        found = self._placed.records.get(page.file.src_uri)
        if found is None or language_of(page.file.src_uri) != "en":
            return None
        record = found[0]
        # Of a file that cannot be read there is a finding, and no text: the generator would raise.
        return text_of(record) if record.text else f"# {escape(record.title)}\n"

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Tell the extension which page it renders."""
        record = self._placed.records.get(page.file.src_uri)
        language = language_of(page.file.src_uri)
        if language != "en":
            page.meta["language"] = language
            # The same number, name or code: the original comes first, the translation next.
            page.meta.setdefault("search", {"boost": 0.5})
            self._check_translation(page)
        file = Path(page.file.abs_src_path) if page.file.abs_src_path else None
        place = Place(page.url, language)
        ours = record is not None and language == "en"
        written = record[0].text if record and ours else None
        path = self._spoken.path(page.file)
        self.build.enter(place, path, file, markdown, name=page.file.src_uri, written=written)
        if record is not None:
            view = self.build.shelf.show(record[0], page.url, language)
            describe_page(page, record[0], view)
        elif ONE_WORD.match(markdown):
            # Who types the one word that is a page's title means that page, not a record about it.
            page.meta.setdefault("search", {"boost": 2})
        return markdown

    def _check_translation(self, page: Page) -> None:
        finding = self._spoken.check(page.file, page.meta.get("translates"))
        if finding is not None:
            self.build.report(finding)
            page.meta["stale"] = finding.code == "stale-translation"

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Prepare the navigation of each further language."""
        self._navs = translate_all(nav, files, self._spoken, self.config.nav_words)
        for language in ("en", *self._navs):
            pages = self._navs.get(language, nav).pages
            place_records(language, files, self._placed.records, navigated=pages)
        return nav

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Give a record its title, and make ready what stands around its text."""
        found = self._placed.records.get(page.file.src_uri)
        html = self.build.leave(html, found[0].id if found else str(page.title or page.url))
        if "description" not in page.meta:
            page.meta["description"] = describe(html)
        html = html.replace("<th></th>", "<td></td>")  # a header that names nothing is none
        if page.meta.get("stale"):
            original = self._spoken.original(page.file)
            link = relative(original.url if original else "", page.url)
            html = self.build.pages.stale(self.build.place, link) + html
        if found is None:
            return html
        self._tallies[page.file.src_uri] = self.build.runs.tally
        return give_title(html, found[0], self.build.pages, self.build.place)

    @event_priority(-100)  # the search has read the page: head and evidence are no text of it
    def on_page_context(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        """Put a record's head and evidence in place, and the picture on the home page."""
        tally = self._tallies.pop(page.file.src_uri, None)
        if tally is not None and page.content:
            record, language = self._placed.records[page.file.src_uri]
            place = Place(page.url, language)
            page.content = surround(page.content, record, self.build.pages, place, tally)
        if page.meta.get("template") == "home.html":
            context["hero_picture"] = self.build.pages.picture(
                Place(page.url, language_of(page.file.src_uri))
            )
        if page.file.src_uri not in self._placed.records and not page.file.generated_by:
            title = str(page.meta.get("title") or page.title or page.url)
            self._listed.append((title, page.url, str(page.meta.get("description", ""))))
        versions = self._spoken.versions(page.file)
        config.extra["alternate"] = [
            {"name": LANGUAGES[language], "link": url, "lang": language}
            for language, url in versions.items()
        ]
        language = language_of(page.file.src_uri)
        if language in self._navs:
            context["nav"] = self._navs[language]
        return context

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Let go of a record's text: the pages of thousands would fill the memory."""
        if page.file.src_uri in self._placed.records:
            page.content = None
        return output

    @event_priority(-100)
    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Report what was found; errors end the build before a page is written."""
        if API_STYLES in config.extra_css:  # most pages show no API: main.html asks for it
            config.extra_css.remove(API_STYLES)
            env.globals["api_styles"] = API_STYLES
        env.globals["languages"] = ("en", *self._navs)
        env.globals["words_of_theme"] = words_of_theme(env)
        env.bytecode_cache = self._compiled
        env.auto_reload = False  # a build makes its own templates: they do not change under it
        for file in files.documentation_pages():
            if file.page and file.page.content:
                place = Place(file.url, language_of(file.src_uri))
                file.page.content = self.build.complete(file.page.content, place)
        errors = 0
        fatal, stale = self.config.findings == "fail", self.config.stale != "show"
        for finding, ends in self.build.verdict(fatal=fatal, stale=stale):
            errors += ends
            (log.error if ends else log.warning)("%s", finding)
        if errors:
            raise PluginError(
                f"decisions: {counted(errors, 'error')}; nothing was written. Correct them, or "
                "set the plugin's `findings: show` in mkdocs.yml to build nevertheless"
            )
        return env

    def on_build_error(self, *, error: Exception) -> None:
        """Leave the generator's log as it was; tell a full disk in a sentence."""
        self._links.close()
        if isinstance(error, OSError) and error.errno in FULL:
            place = error.filename2 or error.filename or "the site"
            raise PluginError(f"{place}: cannot be written: {error.strerror}") from error

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what is no page: the log as data and feeds, redirects, text for machines."""
        self._links.close()
        beside = Beside(
            self.build.facts,
            self.build.shelf,
            self._translations,
            site=_root_of(config),
            name=config.site_name,
            author=config.site_author or config.site_name,
            description=config.site_description or config.site_name,
        )
        placed, preview = self._placed, self._preview
        files = beside.files(placed.records, placed.moved, self._listed, preview=preview)
        for name, text in files:
            target = Path(config.site_dir, name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")


def _root_of(config: MkDocsConfig) -> str:
    return (config.site_url or "/").rstrip("/") + "/"
