"""The `evaluate` commands: related, groups, tags."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import NotReady
from index.settings import Settings
from scripts.cli.output import FullHelpGroup, as_json_option, file_type, print_json

if TYPE_CHECKING:
    from classifier.evaluation.cross_validation import Evaluation
    from classifier.taxonomies.taxonomy import Taxonomy


@click.group(cls=FullHelpGroup)
def evaluate() -> None:
    """Measure the ranking and the tagger on judged papers."""


@evaluate.command()
@click.option(
    "--papers",
    type=file_type,
    required=True,
    help="Papers as JSON Lines of id, title and sentences (CSFCube), plain or .gz.",
)
@click.option(
    "--judgements",
    type=file_type,
    required=True,
    help="Judgements as JSON Lines of query and grades by paper id, plain or .gz.",
)
@as_json_option
@click.pass_obj
def related(settings: Settings, papers: Path, judgements: Path, as_json: bool) -> None:
    """Compare rankings on judged candidates: nDCG and MAP in percent.

    The ranking named "full" is the one that seealso serves.
    """
    from contextlib import closing

    from index.embedding.opening import open_embedder
    from index.evaluation.rankings import read_judged
    from index.evaluation.variants import compare_rankings

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
@click.option(
    "--at",
    type=click.IntRange(1, 500),
    help="Also measure recall among the first AT related papers, for eight papers of each group.",
)
@as_json_option
@click.pass_obj
def groups(settings: Settings, path: Path, at: int | None, as_json: bool) -> None:
    """Measure related lists: what share of a paper's group is among its first 50 related papers.

    FILE is a JSON list of groups such as {"group": "List > Heading", "papers": ["2401.08092"]}. A
    group is a set of papers that belong together, for example under one heading of a reading list.
    The interval of recall is a bootstrap over lists; a list is named before " > ".
    """
    from index.catalogue.catalogue import read_catalogue
    from index.evaluation.groups import evaluate_groups
    from index.lists.finder import RelatedFinder
    from index.releases.current import CurrentRelease

    with read_catalogue(settings.data) as catalogue:
        release = CurrentRelease(settings.data).get()
        found = evaluate_groups(RelatedFinder(catalogue, release), path, at)
    figures: dict[str, object] = {"queries": found.queries, "share_at_50": found.share_at_50}
    recall = found.recall
    if recall:
        figures |= {f"recall_at_{recall.at}": recall.mean, "interval": list(recall.interval)}
        figures |= {"headings": recall.headings, "lists": recall.lists}
    if as_json:
        print_json(figures)
        return
    click.echo(f"{found.queries} papers: share of the group in the first 50: {found.share_at_50}")
    if recall:
        click.echo(
            "{} headings of {} lists: recall at {}: {} [{}, {}]".format(
                recall.headings, recall.lists, recall.at, recall.mean, *recall.interval
            )
        )


@evaluate.command()
@click.argument("path", metavar="FILE", type=file_type)
@click.option(
    "--taxonomy",
    metavar="NAME",
    help="Name of a taxonomy in use.  [default: efficient-foundation-models]",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    help="Folder in which to write a confusion matrix and a reliability diagram (SVG).",
)
@as_json_option
@click.pass_obj
def tags(
    settings: Settings, path: Path, taxonomy: str | None, pictures: Path | None, as_json: bool
) -> None:
    """Measure the tagger on judged papers and compare it with earlier taggers.

    FILE has a JSON object per line: title, abstract, leaves (their titles) and sure (true if
    the judgement is certain).
    """
    from contextlib import closing
    from dataclasses import asdict

    from classifier.evaluation.cross_validation import embed_judged, evaluate_tagger, read_judged
    from classifier.evaluation.model_comparison import compare_models
    from classifier.stored_taggers import trained_tagger
    from classifier.taxonomies.followed import followed_taxonomies
    from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
    from index.catalogue.catalogue import read_catalogue
    from index.embedding.opening import open_embedder

    with read_catalogue(settings.data) as catalogue:
        of = followed_taxonomies(catalogue).get(taxonomy or DEFAULT_TAXONOMY)
    judged = read_judged(path, of)
    tagger = trained_tagger(settings.data, of.name)
    with closing(open_embedder(settings)) as embedder:
        if embedder.identity != tagger.identity:
            raise NotReady(
                "the tagger was trained on vectors of another model: run `seealso update`"
            )
        vectors = embed_judged(embedder, judged)
        found = evaluate_tagger(of, tagger, judged, vectors)
        models = compare_models(settings.data, of, embedder, judged, vectors)
    if pictures:
        _draw(pictures, of, found)
    if as_json:
        print_json({**asdict(found), "models": models})
        return
    sure, every = asdict(found.sure), asdict(found.all)
    for name in sure:
        click.echo(f"{name:<28} sure {sure[name]:>8}   all {every[name]:>8}")
    click.echo("\nby leaf, sure rows: precision and recall of the tags given")
    for one in found.labels:
        counts = f"{one.papers:>4} papers, {one.given:>4} tagged, {one.right:>4} correct"
        click.echo(f"{one.label:<32} {counts}  {_share(one.precision)} {_share(one.recall)}")
    click.echo("\nby model, sure rows: leaf accuracy, macro-F1, precision of the tags given")
    for model in models:
        row = model.sure
        shares = (row.leaf_accuracy, row.macro_f1, row.precision_of_given_tags)
        click.echo(f"{model.name:<32} {' '.join(map(_share, shares))}")


def _draw(folder: Path, taxonomy: "Taxonomy", found: "Evaluation") -> None:
    from classifier.evaluation.pictures import draw_confusion_matrix, draw_reliability_diagram
    from index.files import write_file

    titles = {leaf.id: leaf.title for leaf in taxonomy.leaves}
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / "confusion.svg", draw_confusion_matrix(found.confusion, titles).encode())
    write_file(folder / "reliability.svg", draw_reliability_diagram(found.reliability).encode())


def _share(share: float | None) -> str:
    return f"{'-':>6}" if share is None else f"{share:6.3f}"


COMMANDS = (evaluate,)
