"""Commands that measure: evaluate related, groups, tags."""

from pathlib import Path

import click

from index.errors import NotReady
from index.settings import Settings
from scripts.output import as_json_option, file_type, print_json


@click.group()
def evaluate() -> None:
    """Measure the ranking or the tagger on judged papers."""


@evaluate.command()
@click.option("--papers", type=file_type, required=True, help="Papers in CSFCube's form, or .gz.")
@click.option("--judgements", type=file_type, required=True, help="Judgements, likewise.")
@as_json_option
@click.pass_obj
def related(settings: Settings, papers: Path, judgements: Path, as_json: bool) -> None:
    """Rank judged candidates by every ranking known; the full one serves. Figures in percent."""
    from contextlib import closing

    from index.embedding import open_embedder
    from index.ranking_comparison import compare_rankings
    from index.ranking_evaluation import read_judged

    judged = read_judged(papers, judgements)
    with closing(open_embedder(settings)) as embedder:
        found = compare_rankings(embedder, judged)
    if as_json:
        print_json(found)
        return
    click.echo(
        f"{found.queries} queries: nDCG at 20 % {found.ndcg_at_20_percent:.2f}, MAP {found.map:.2f}"
    )
    click.echo(
        f"{'ranking':<12} {'nDCG':>6} {'MAP':>6}   {'full has more nDCG':<24} "
        f"{'more MAP':<24} {'ms/paper':>8} {'ms/list':>8} {'bytes/paper':>11}"
    )
    for one in found.rankings:
        gains = ["{:+.2f} [{:+.2f}, {:+.2f}]".format(*g) for g in (one.ndcg_gain, one.map_gain)]
        click.echo(
            f"{one.name:<12} {one.ndcg_at_20_percent:6.2f} {one.map:6.2f}   {gains[0]:<24} "
            f"{gains[1]:<24} {one.ms_a_paper:8.2f} {one.ms_a_list:8.2f} {one.bytes_a_paper:11}"
        )


@evaluate.command()
@click.argument("path", metavar="FILE", type=file_type)
@as_json_option
@click.pass_obj
def groups(settings: Settings, path: Path, as_json: bool) -> None:
    """Look for the other papers of a reading list's heading in the first 50 of each one's list."""
    from index.catalogue import read_catalogue
    from index.groups_evaluation import evaluate_groups
    from index.related import Finder
    from index.release import CurrentRelease

    with read_catalogue(settings.data) as catalogue:
        release = CurrentRelease(settings.data).get()
        found = evaluate_groups(Finder(catalogue, release), path)
    if as_json:
        print_json(found)
    else:
        click.echo(
            f"{found.queries} papers: share of the group in the first 50 {found.share_at_50}"
        )


@evaluate.command()
@click.argument("path", metavar="FILE", type=file_type)
@as_json_option
@click.pass_obj
def tags(settings: Settings, path: Path, as_json: bool) -> None:
    """Tag judged papers by title and abstract, and compare."""
    from contextlib import closing
    from dataclasses import asdict

    from classifier.evaluation import evaluate_tags
    from classifier.tagger import trained_tagger
    from classifier.taxonomy import load_taxonomy
    from index.embedding import open_embedder

    taxonomy = load_taxonomy()
    tagger = trained_tagger(settings.data, taxonomy.name)
    with closing(open_embedder(settings)) as embedder:
        if embedder.identity != tagger.identity:
            raise NotReady("the tagger is for another model's vectors: run `seealso update`")
        figures = evaluate_tags(embedder, taxonomy, tagger, path)
    found = {rows: asdict(of) for rows, of in figures.items()}
    if as_json:
        print_json(found)
        return
    for name in found["all"]:
        click.echo(f"{name:<28} sure {found['sure'][name]:>8}   all {found['all'][name]:>8}")


COMMANDS = (evaluate,)
