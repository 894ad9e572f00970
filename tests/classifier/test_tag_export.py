"""Exports of taxonomies and tags for other programs, and suggestions of new labels."""

import json
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SKOS

from classifier.stored_taggers import trained_tagger
from classifier.suggestions import suggested_labels
from classifier.taxonomies.skos import as_skos, label_uri, scheme_uri
from classifier.taxonomies.taxonomy import load_taxonomy, parse_taxonomy
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.errors import NotReady
from tests.conftest import Seealso

TAXONOMY = load_taxonomy()


def test_skos_holds_every_label_under_its_parent(built_data: Path, seealso: Seealso) -> None:
    graph = Graph().parse(
        data=seealso(built_data, "tags", "export", "skos").stdout, format="turtle"
    )
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    assert concepts == {URIRef(label_uri(TAXONOMY, label.id)) for label in TAXONOMY.labels}
    scheme = URIRef(scheme_uri(TAXONOMY))
    assert scheme == URIRef("https://arxiv.org/abs/2401.08092")
    for label in TAXONOMY.labels:
        uri = URIRef(label_uri(TAXONOMY, label.id))
        assert graph.value(uri, SKOS.prefLabel) == Literal(label.title, "en")
        assert graph.value(uri, SKOS.definition) == Literal(label.definition, "en")
        if label.parent is None:
            assert (scheme, SKOS.hasTopConcept, uri) in graph
        else:
            above = URIRef(label_uri(TAXONOMY, label.parent))
            assert graph.value(uri, SKOS.broader) == above
            assert (above, SKOS.narrower, uri) in graph


def test_skos_of_a_taxonomy_without_a_source_url_escapes_its_texts() -> None:
    escaped = 'Frogs \\"and\\" <newts>\\n@prefix'
    text = f'name = "ponds"\n[[labels]]\nid = "frogs"\ndefinition = "{escaped}"\n'
    taxonomy = parse_taxonomy(text, "ponds.toml")
    graph = Graph().parse(data=as_skos(taxonomy), format="turtle")
    [definition] = graph.objects(URIRef("urn:seealso:ponds#frogs"), SKOS.definition)
    assert str(definition) == 'Frogs "and" <newts>\n@prefix'


def test_labels_of_the_last_run_with_abstentions(built_data: Path, seealso: Seealso) -> None:
    lines = seealso(built_data, "tags", "export", "labels").stdout.splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    with read_catalogue(built_data) as catalogue:
        assert len(rows) == catalogue.count()
        numbers = catalogue.numbers_of(rows)
        tags = catalogue.tags.of(numbers.values())
    version = trained_tagger(built_data, TAXONOMY.name).version
    for paper_id, row in rows.items():
        given = [(tag.label, tag.probability) for tag in tags[numbers[paper_id]]]
        assert [(tag["label"], tag["probability"]) for tag in row["tags"]] == given
        assert (row["taxonomy"], row["tagger"]) == (TAXONOMY.name, version)
    assert any(row["tags"] for row in rows.values())
    assert not all(row["tags"] for row in rows.values())
    assert seealso(built_data, "tags", "export", "labels", "--since", "2100-01-01").stdout == ""


def test_labels_before_any_run_are_not_ready(
    empty_catalogue: Catalogue, tmp_path: Path, seealso: Seealso
) -> None:
    with pytest.raises(NotReady, match="no run has tagged papers yet"):
        seealso(tmp_path / "data", "tags", "export", "labels")


def test_suggestions_are_named_groups_of_papers_that_no_leaf_covers(
    built_data_copy: Path, seealso: Seealso
) -> None:
    """Papers that are probably in scope but have no leaf are grouped."""
    with open_catalogue(built_data_copy) as catalogue:
        tagger = trained_tagger(built_data_copy, TAXONOMY.name)
        given = catalogue.tags.tagged_since("2000-01-01")
        # With all tags removed, the subjects of the taxonomy itself are the ones to suggest.
        numbers = catalogue.numbers_of([tagging.id for tagging in given])
        catalogue.tags.replace(TAXONOMY.name, tagger.version, [(n, []) for n in numbers.values()])
        entries = catalogue.entries(list(numbers.values())).values()
        since = min(entry.paper.submitted for entry in entries if entry.paper.submitted)
        labels = suggested_labels(catalogue, built_data_copy, TAXONOMY, tagger, since)
        assert labels
        weights = [label.weight for label in labels]
        assert weights == sorted(weights, reverse=True)
        for label in labels:
            assert label.papers >= 5
            assert len(label.terms) == 5
            texts = [catalogue.entry(paper.id).paper.text.lower() for paper in label.examples]
            assert len(texts) == 3
            assert any(label.terms[0] in text for text in texts)
            assert TAXONOMY.label(label.nearest) in TAXONOMY.leaves
    command = ("tags", "suggest", "--since", since.isoformat())
    found = json.loads(seealso(built_data_copy, *command, "--limit", "1", "--json").output)
    assert [label["terms"] for label in found["suggestions"]] == [labels[0].terms]
    shown = seealso(built_data_copy, *command).stdout
    assert f"{', '.join(labels[0].terms)}: {labels[0].papers} papers, nearest leaf" in shown


def test_suggest_reports_that_no_group_was_found(built_data: Path, seealso: Seealso) -> None:
    shown = seealso(built_data, "tags", "suggest", "--since", "2100-01-01").stdout
    assert shown == f"no group of papers lies outside the leaves of {TAXONOMY.name}\n"
