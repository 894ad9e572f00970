"""Every error that seealso raises on purpose, and what each means outside.

    SeeAlsoError                 exit  HTTP
    ├── BadInput                   2    400   what was asked makes no sense
    │   ├── BadIdentifier          2    400   no form in which people write an arXiv id
    │   └── NothingKnown           2    422   none of the papers asked about is held here
    ├── NotFound                   4    404   well asked, but not here
    │   ├── UnknownPaper
    │   └── UnknownTag
    ├── NotAllowed                77    401   writing without the token
    │   └── WritingOff            77    403   no token is set, so nobody may write over HTTP
    ├── Unavailable               75    503   may work later, or after the step it names
    │   ├── Busy                              another run is writing
    │   ├── NotReady                          nothing ingested or released yet
    │   ├── ModelUnavailable                  the embedding model cannot be had or trusted
    │   ├── TooManyTexts                      others wait for the model already
    │   ├── IndexUnavailable                  the server that holds the vectors does not answer
    │   ├── RayUnavailable                    no Ray cluster to embed on, or none any more
    │   └── UpstreamError                     arXiv did not answer as it should
    ├── NoRoom                    74    507   the disk is full; nothing stored before is lost
    └── Damaged                   65    500   what lies on disk cannot be relied on
        ├── DamagedRelease
        │   ├── ForeignVectors          503   Milvus holds other vectors under the release's name
        │   └── LostVectors             503   Milvus lacks some of the release's vectors
        ├── DamagedTagger
        └── ForeignCatalogue                  a schema this program does not know

The command line exits with `exit_code` (numbers after sysexits.h, except 4); the API answers
with `status` in a problem document (RFC 9457).
"""


class SeeAlsoError(Exception):
    """An error with a message for the person who caused it or must mend it."""

    title = "Something went wrong"
    exit_code = 1
    status = 500


class BadInput(SeeAlsoError):
    """The request itself is wrong; the message says what would be right."""

    title = "Bad input"
    exit_code = 2
    status = 400


class BadIdentifier(BadInput):
    """The text is no arXiv identifier in any known form."""

    title = "Not an arXiv identifier"


class NothingKnown(BadInput):
    """Of several papers asked about together, not one is held here."""

    title = "No known paper"
    status = 422


class NotFound(SeeAlsoError):
    """What was asked for is not held here."""

    title = "Not found"
    exit_code = 4
    status = 404


class UnknownPaper(NotFound):
    """A well-formed identifier of a paper that this catalogue does not hold."""

    title = "Paper not harvested"

    def __init__(self, paper_id: str) -> None:
        super().__init__(f"arXiv:{paper_id} has not been harvested into this catalogue")


class UnknownTag(NotFound):
    """No taxonomy in use has this label."""

    title = "Unknown tag"


class UnknownTaxonomy(NotFound):
    """Papers are not filed in a taxonomy of this name."""

    title = "Unknown taxonomy"


class UnknownTagger(NotFound):
    """No tagger of this version was ever trained for this catalogue."""

    title = "Unknown tagger"


class NotAllowed(SeeAlsoError):
    """Writing over HTTP needs the token that the server's settings name."""

    title = "Not allowed"
    exit_code = 77
    status = 401


class WritingOff(NotAllowed):
    """The server's settings name no token."""

    title = "Writing is off"
    status = 403


class Unavailable(SeeAlsoError):
    """Not now; the message says what to do or to wait for."""

    title = "Not available now"
    exit_code = 75
    status = 503


class Busy(Unavailable):
    """Another process is writing to the same data folder."""

    title = "Another run is at work"


class NotReady(Unavailable):
    """The data folder lacks what the request needs."""

    title = "Not ready"


class ModelUnavailable(Unavailable):
    """The embedding model is missing, unreadable or not the one it should be."""

    title = "Embedding model unavailable"


class TooManyTexts(Unavailable):
    """As many free texts as may wait for the model wait for it already."""

    title = "Too many texts at once"


class IndexUnavailable(Unavailable):
    """The server that holds the vectors cannot be reached, or not within its time."""

    title = "Vector index unavailable"


class RayUnavailable(Unavailable):
    """The Ray cluster that should embed cannot be used, or was lost; what it did is kept."""

    title = "Ray cluster unavailable"


class UpstreamError(Unavailable):
    """A source of papers failed or answered nonsense."""

    title = "Source failed"


class NoRoom(SeeAlsoError):
    """What was to be written did not fit; what stood there before still does."""

    title = "No room to write"
    exit_code = 74
    status = 507


class Damaged(SeeAlsoError):
    """Files on disk contradict what was written there."""

    title = "Damaged data"
    exit_code = 65


class DamagedRelease(Damaged):
    """A release whose manifest, sizes or checksums do not hold."""

    title = "Damaged release"


class ForeignVectors(DamagedRelease):
    """A collection that is gone, or of another schema or another model than its release.

    Another server may hold the right one: to a client it is as if none answered.
    """

    title = "Vectors of another kind"
    status = 503


class LostVectors(DamagedRelease):
    """A collection that lacks some of its release's vectors; lists without them can be had."""

    title = "Vectors lost"
    status = 503


class DamagedTagger(Damaged):
    """Tagger weights that cannot be read or do not fit their taxonomy."""

    title = "Damaged tagger"


class ForeignCatalogue(Damaged):
    """A catalogue written by another version of the schema, or by another program."""

    title = "Catalogue of another schema"
