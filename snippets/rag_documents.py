"""The document store of a RAG pipeline, filled from a queue."""

# --8<-- [start:main]
from sage.platform.queue import BaseQueueDescriptor, PythonQueueDescriptor
from sage.platform.storage import KeyValueStore, open_store


class Indexer:
    """Takes documents from a queue and keeps their sentences as pieces."""

    def __init__(
        self, documents: BaseQueueDescriptor, pieces: KeyValueStore
    ) -> None:
        self._documents = documents
        self._pieces = pieces

    def run(self) -> None:
        while not self._documents.empty():
            match self._documents.get(timeout=1):
                case {"id": str(name), "text": str(text)}:
                    for n, piece in enumerate(text.split(". ")):
                        self._pieces.set(f"{name}/{n:03d}", piece)


def retrieve(pieces: KeyValueStore, document: str) -> list[object]:
    keys = sorted(pieces.iter_keys(f"{document}/"))
    found = pieces.get_many(keys)
    return [found[key] for key in keys]


def main() -> None:
    documents = PythonQueueDescriptor(maxsize=100, queue_id="documents")
    documents.put({"id": "tea", "text": "Boil water. Warm the pot. Wait"})
    documents.put({"id": "ink", "text": "Grind the stick. Add water"})

    with open_store("memory://", namespace="rag/pieces") as pieces:
        Indexer(documents, pieces).run()
        print(retrieve(pieces, "tea"))
        print(retrieve(pieces, "ink"))
        print(retrieve(pieces, "te"))


# --8<-- [end:main]


if __name__ == "__main__":
    main()
