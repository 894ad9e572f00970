"""The exceptions of seealso.

Exception                  exit code   HTTP status   meaning

SeeAlsoError                     1           500     any error that seealso raises on purpose
├── BadInput                     2           400     the request or a setting is invalid
│   ├── BadIdentifier                                the text is not an arXiv identifier
│   ├── BadQuery                                     an operator of a query has a wrong value
│   ├── NoKnownPaper                         404     none of the given papers is known here
│   └── Contradiction                        409     valid parts contradict each other or the data
├── NotFound                     4           404     the request is valid, but the thing is not here
│   ├── UnknownPaper                                 the paper has not been harvested
│   ├── UnknownTag                                   no followed taxonomy has the label
│   ├── UnknownTaxonomy                              the taxonomy is not followed
│   └── UnknownTagger                                no tagger has this version
├── NotAllowed                  77           401     the token for writing over HTTP is missing
│   └── WritingDisabled                      403     the server has no token, so writing is disabled
├── Unavailable                 75           503     temporary; try again, or do what the error says
│   ├── Busy                                         another process is writing
│   ├── NotReady                                     nothing has been ingested or released yet
│   ├── ModelUnavailable                             the embedding model is missing or invalid
│   ├── ModelChanged                                 all papers would be embedded again
│   ├── TooManyTexts                                 too many texts are waiting for the model
│   ├── TooMuchWork                                  a request takes too long, or too many wait
│   ├── IndexUnavailable                             the vector server (Milvus) does not answer
│   ├── RayUnavailable                               the Ray cluster cannot be used
│   └── UpstreamError                                arXiv failed or sent an invalid response
├── NotWritable                 73           503     this user may not write to the data folder
├── NoSpaceLeft                 74           507     the disk, memory or Milvus is full
└── Damaged                     65           500     files on disk are damaged
    ├── DamagedRelease                               checksums or sizes of a release do not match
    │   ├── OutdatedRelease         75           503     written by another version of seealso
    │   ├── ForeignVectors                   503     Milvus has other vectors than the release
    │   └── LostVectors                      503     Milvus lacks some vectors of the release
    ├── DamagedTagger                                the weights of a tagger cannot be used
    └── ForeignCatalogue                             another program or a newer seealso wrote it

An empty column means the value of the parent class. The command line exits with `exit_code`
(sysexits.h, except 4). The API answers with `status` and a problem document (RFC 9457), whose
title is `title`.

Every message says what is wrong and, if there is something to do, what would be right.
"""

INTERRUPTED = 130
"""The exit code of a command that SIGINT (Ctrl-C) ended, as shells report it."""

ADD_PAPERS = "add papers with `seealso follow` or `seealso ingest`"
"""What to do if there are none."""


class SeeAlsoError(Exception):
    """Base class: an error with a message for the user or the operator."""

    title = "Something went wrong"
    exit_code = 1
    status = 500


class BadInput(SeeAlsoError):
    """The request or a setting is invalid; the message says what would be right."""

    title = "Bad input"
    exit_code = 2
    status = 400


class BadIdentifier(BadInput):
    """The text is not an arXiv identifier in any accepted form."""

    title = "Not an arXiv identifier"


class BadQuery(BadInput):
    """An operator of a search query has a wrong value.

    `fault` says what is wrong. `suggestion` is the query with the value corrected or the operator
    left out, "" if neither makes a query; the message has both.
    """

    def __init__(self, fault: str, suggestion: str = "") -> None:
        self.fault, self.suggestion = fault, suggestion
        is_shown = 0 < len(suggestion) <= 300  # a longer query would hide the fault
        super().__init__(f"{fault}; corrected: `{suggestion}`" if is_shown else fault)


class NoKnownPaper(BadInput):
    """None of several given papers is in this catalogue."""

    title = "No known paper"
    status = 404


class Contradiction(BadInput):
    """Each part of the request is valid, but they contradict each other or the present data.

    Examples: a period that ends before it begins, a paper both liked and disliked, a cursor of
    another query or of an earlier release.
    """

    title = "Contradictory request"
    status = 409


class NotFound(SeeAlsoError):
    """The request is valid, but the paper, tag or taxonomy is not in this catalogue."""

    title = "Not found"
    exit_code = 4
    status = 404


class UnknownPaper(NotFound):
    """The identifier is valid, but the paper has not been harvested.

    `paper_id` is its canonical id, `address` the address of its page at arXiv.
    """

    title = "Paper not harvested"

    def __init__(self, paper_id: str) -> None:
        self.paper_id = paper_id
        self.address = f"https://arxiv.org/abs/{paper_id}"
        super().__init__(
            f"arXiv:{paper_id} has not been harvested into this catalogue: to add it, run "
            f"`seealso ingest ids {paper_id}` and then `seealso update`. "
            f"Its page at arXiv is {self.address}"
        )


class UnknownTag(NotFound):
    """No followed taxonomy has this label."""

    title = "Unknown tag"


class UnknownTaxonomy(NotFound):
    """No taxonomy of this name is followed."""

    title = "Unknown taxonomy"


class UnknownTagger(NotFound):
    """No tagger with this version has been trained for this catalogue."""

    title = "Unknown tagger"


class NotAllowed(SeeAlsoError):
    """Writing over HTTP is not allowed without the token from the server's settings."""

    title = "Not allowed"
    exit_code = 77
    status = 401


class WritingDisabled(NotAllowed):
    """The server's settings have no token, so writing over HTTP is disabled."""

    title = "Writing is off"
    status = 403


class Unavailable(SeeAlsoError):
    """Not ready, another run is active, or a server is down. The message says what to do."""

    title = "Not available now"
    exit_code = 75
    status = 503


class Busy(Unavailable):
    """Another process is writing to the same data folder."""

    title = "Another run is at work"


class NotReady(Unavailable):
    """The data folder does not have what the request needs yet."""

    title = "Not ready"


class ModelUnavailable(Unavailable):
    """The embedding model is missing, unreadable, or not the expected one."""

    title = "Embedding model unavailable"


class ModelChanged(Unavailable):
    """The settings name a model that the data folder has no vectors of yet, but of others."""

    title = "Embedding model changed"


class TooManyTexts(Unavailable):
    """The queue of texts that wait for the model is full."""

    title = "Too many texts at once"


class TooMuchWork(Unavailable):
    """A request needs more work than the server allows, or too many heavy requests are waiting."""

    title = "Too much work"


class IndexUnavailable(Unavailable):
    """The vector server (Milvus) does not answer, or not within the timeout."""

    title = "Vector index unavailable"


class RayUnavailable(Unavailable):
    """The Ray cluster cannot be used or was lost; vectors received from it are stored."""

    title = "Ray cluster unavailable"


class UpstreamError(Unavailable):
    """A source of papers failed or sent an invalid response."""

    title = "Source failed"


class NotWritable(SeeAlsoError):
    """This user may not write there, or the file system is read-only; nothing was changed."""

    title = "Not writable"
    exit_code = 73
    status = 503


class NoSpaceLeft(SeeAlsoError):
    """There is no space on disk, in memory or in Milvus; nothing stored before is lost."""

    title = "No room to write"
    exit_code = 74
    status = 507


class Damaged(SeeAlsoError):
    """Files on disk are damaged or written by another program; run `seealso doctor`."""

    title = "Damaged data"
    exit_code = 65


class DamagedRelease(Damaged):
    """The manifest, sizes or checksums of a release do not match its files."""

    title = "Damaged release"


class OutdatedRelease(DamagedRelease):
    """The release is in a format of another version of seealso; `seealso update` builds another."""

    title = "Outdated release"
    exit_code = 75
    status = 503


class ForeignVectors(DamagedRelease):
    """The Milvus collection is missing, or has another schema or model than its release.

    Another server may have the right collection, so clients get 503 as if no server answered.
    """

    title = "Vectors of another kind"
    status = 503


class LostVectors(DamagedRelease):
    """The Milvus collection lacks some vectors of its release; other lists still work."""

    title = "Vectors lost"
    status = 503


class DamagedTagger(Damaged):
    """The weights of a tagger cannot be read or do not fit its taxonomy."""

    title = "Damaged tagger"


class ForeignCatalogue(Damaged):
    """The catalogue was written by a newer seealso or by another program."""

    title = "Catalogue of another schema"


def exit_codes() -> list[tuple[int, str]]:
    """Return the exit codes of the command line with their meanings, in order."""
    classes = SeeAlsoError.__subclasses__()
    meanings = {one.exit_code: (one.__doc__ or "").partition("\n")[0] for one in classes}
    meanings[0] = "Success."
    meanings[1] = "A bug in the program. Please report it."
    meanings[INTERRUPTED] = "Interrupted by Ctrl-C; run the same command again to resume."
    return sorted(meanings.items())
