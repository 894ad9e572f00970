"""The status of the data folder."""

from api.service import ReadSession
from index.health.status import Status, read_status


def status_record(session: ReadSession) -> Status:
    """Return what the catalogue contains, which release is in use, and what is wrong."""
    service = session.service
    return read_status(service.settings.data, session.catalogue, service.current)
