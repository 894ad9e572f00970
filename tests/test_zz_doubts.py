"""doubts"""
from datetime import timedelta, date, UTC, datetime
from tests.harvesting import *
from tests.nights import *
from tests.test_harvested_papers import some, FIRST, SECOND
from tests.test_harvested_papers import arxiv

def test_unwithdraw(arxiv, tmp_path, seealso):
    arxiv.records=[some(versions=[RawVersion(1, FIRST), RawVersion(2, SECOND, size="0kb")]), some("2601.00008")]
    seealso(tmp_path,"ingest","oai")
    print("after raw", papers(tmp_path)["2601.00007"].withdrawn)
    seealso(tmp_path,"ingest","ids","2601.00007")
    print("after api", papers(tmp_path)["2601.00007"].withdrawn)
    seealso(tmp_path,"ingest","oai","--from",str(FIRST_DAY))
    print("after raw", papers(tmp_path)["2601.00007"].withdrawn)
    seealso(tmp_path,"ingest","oai","--format","arXiv","--from",str(FIRST_DAY))
    print("after arXiv", papers(tmp_path)["2601.00007"].withdrawn)

def test_sets(arxiv, tmp_path, seealso, monkeypatch):
    arxiv.records=[]
    monkeypatch.setenv("SEEALSO_SETS","cs:cs:CL")
    falls(arxiv, monkeypatch, MONDAY); seealso(tmp_path,"nightly")
    monkeypatch.setenv("SEEALSO_SETS","cs:cs:LG")
    for d in (1,2,3):
        falls(arxiv, monkeypatch, MONDAY+timedelta(days=d)); seealso(tmp_path,"nightly")
    print("stale", status(seealso,tmp_path)["stale"], [(f["selection"], f["late"]) for f in status(seealso,tmp_path)["following"]])

def test_drip(arxiv, tmp_path, seealso, monkeypatch):
    import time
    from http.server import BaseHTTPRequestHandler
    from tests.arxiv_replay import serving
    class H(BaseHTTPRequestHandler):
        def do_GET(self):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for n in range(80):
                try: self.wfile.write(b"X-%d: 1\r\n" % n); self.wfile.flush()
                except OSError: return
                time.sleep(0.5)
        def log_message(self,*a): pass
    monkeypatch.setenv("SEEALSO_REFUSALS","0")
    t=time.monotonic()
    with serving(H) as a:
        try: seealso(tmp_path,"ingest","oai","--base-url",a)
        except Exception as e: print(repr(e)[:200])
    print("drip took", time.monotonic()-t)

def test_stretch_too_long(arxiv, fresh, seealso, monkeypatch):
    arxiv.records=[]
    arxiv.records_per_page=arxiv.identifiers_per_page=3000
    falls(arxiv, monkeypatch, MONDAY)
    announce(arxiv, MONDAY,1,300); announce(arxiv, MONDAY, 900, 1000); announce(arxiv, date(2026,1,5), 301, 899)
    seealso(fresh,"nightly"); print(gaps(seealso,fresh), looked_up(arxiv))
    falls(arxiv, monkeypatch, MONDAY+timedelta(days=1)); seealso(fresh,"nightly"); print(gaps(seealso,fresh), looked_up(arxiv))
