"""Published weights: from the Hugging Face cache, or downloaded into it.

huggingface_hub 2 throws a partial download away. Here it stays beside its goal in the cache and
is continued, so that a slow line or a closed page costs nothing twice.
"""

import errno
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.entry import Hub
from models.tensorfile import WeightsError

Progress = Callable[[int, int], object]
CHUNK_BYTES = 1 << 18
REPORT_SECONDS = 0.1  # a page cannot draw more often
TIMEOUT_SECONDS = 10.0
ATTEMPTS = 4  # in a row that brought nothing
PAUSE_SECONDS = 1.0


def cached(source: Hub) -> Path | None:
    """The file in the cache, None if it is not there. Needs no network."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(source.repo, source.filename, revision=source.revision)
    return Path(path) if isinstance(path, str) else None


def fetch(source: Hub, name: str, on_progress: Progress | None = None) -> Path:
    """The file in the cache, downloaded if need be.

    Args:
        source: What to get.
        name: What our command line calls it.
        on_progress: Called with bytes done and bytes in all. What it raises stops the download
            and is passed on; the next call goes on from there.

    Raises:
        WeightsError: If the file is not here and cannot be had.
    """
    if path := cached(source):
        return path
    import httpx2
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
    )

    command = f"`python -m models.weights {name}`"
    missing = f"The weights of {name} are not on this machine"
    try:
        return _download(source, on_progress or (lambda done, total: None))
    except OfflineModeIsEnabled as error:
        raise WeightsError(
            f"{missing} and HF_HUB_OFFLINE is set: fetch them once without it by {command}."
        ) from error
    except HfHubHTTPError as error:
        raise WeightsError(
            f"{missing} and {constants.ENDPOINT} answered {error.response.status_code} for "
            f"{source.repo}: try again later by {command}."
        ) from error
    except (httpx2.RequestError, httpx2.InvalidURL, LocalEntryNotFoundError) as error:
        raise WeightsError(
            f"{missing} and {constants.ENDPOINT} cannot be reached: fetch them once with a "
            f"connection by {command}."
        ) from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        raise WeightsError(
            f"{missing} and {constants.HF_HUB_CACHE} cannot take them ({error.strerror}): "
            f"make room there or set HF_HOME, then run {command}."
        ) from error


def _download(source: Hub, on_progress: Progress) -> Path:
    """Bring the bytes to where the cache looks for them, then let huggingface_hub link them."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

    head = get_hf_file_metadata(hf_hub_url(source.repo, source.filename, revision=source.revision))
    size, etag = head.size or 0, head.etag or ""
    if not head.commit_hash or not size or not re.fullmatch(r"[\w-]{1,128}", etag):
        raise WeightsError(f"{constants.ENDPOINT} does not answer as a Hugging Face hub does.")
    cache, folder = Path(constants.HF_HUB_CACHE), "models--" + source.repo.replace("/", "--")
    whole = cache / folder / "blobs" / etag
    partial = whole.with_name(f"{etag}.incomplete")
    locks = cache / ".locks" / folder
    for place in (whole.parent, locks):
        place.mkdir(parents=True, exist_ok=True)

    def report() -> None:
        on_progress(_size(partial), size)

    with _alone(locks / f"{etag}.incomplete.lock", report):
        if not whole.exists():
            url = hf_hub_url(source.repo, source.filename, revision=head.commit_hash)
            _complete(partial, url, size, report)
            _verify(partial, size, etag)
            partial.replace(whole)
    return Path(hf_hub_download(source.repo, source.filename, revision=source.revision))


@contextmanager
def _alone(lock: Path, report: Callable[[], None]) -> Iterator[None]:
    """Wait, and go on reporting, while another session or the command line downloads it."""
    from filelock import FileLock, Timeout

    key = FileLock(lock)
    while not key.is_locked:
        try:
            key.acquire(timeout=0.2)
        except Timeout:
            report()
    try:
        yield
    finally:
        key.release()


def _complete(partial: Path, url: str, size: int, report: Callable[[], None]) -> None:
    """Append to the partial file until it has `size` bytes, through interruptions."""
    import httpx2

    attempts = 0
    report()
    while (before := _size(partial)) < size:
        problem: Exception = httpx2.RemoteProtocolError("the answer ended early")
        try:
            _append(partial, url, size, report)
        except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
            problem = error
        attempts = 0 if _size(partial) > before else attempts + 1
        if attempts == ATTEMPTS:
            raise problem
        if attempts:
            time.sleep(PAUSE_SECONDS)
    report()


def _append(partial: Path, url: str, size: int, report: Callable[[], None]) -> None:
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    headers = build_hf_headers(library_name="saccade") | {"Accept-Encoding": "identity"}
    if start := _size(partial):
        headers["Range"] = f"bytes={start}-"
    with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT_SECONDS) as response:
        hf_raise_for_status(response)
        # 200 instead of 206: the server starts from the beginning, and so do we.
        with partial.open("ab" if response.status_code == 206 else "wb") as file:
            reported = time.monotonic()
            for chunk in response.iter_bytes(CHUNK_BYTES):
                file.write(chunk)
                file.flush()
                if time.monotonic() - reported >= REPORT_SECONDS:
                    report()
                    reported = time.monotonic()
                if file.tell() > size:
                    return  # more than announced: `_verify` throws it away


def _verify(partial: Path, size: int, etag: str) -> None:
    """Compare with the size and, for large files, the SHA-256 that the hub names beforehand."""
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    tag_is_sha256 = re.fullmatch(r"[0-9a-f]{64}", etag)
    if _size(partial) != size or (tag_is_sha256 and found != etag):
        partial.unlink()
        raise WeightsError("The download arrived damaged and was thrown away; start it again.")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
