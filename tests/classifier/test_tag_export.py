"""Taxonomies and tags for other programs, and the shelves that a taxonomy lacks."""

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


def test_skos_of_a_taxonomy_without_an_address_escapes_what_it_says() -> None:
    said = 'Frogs \\"and\\" <newts>\\n@prefix'
    text = f'name = "ponds"\n[[labels]]\nid = "frogs"\ndefinition = "{said}"\n'
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


def test_papers_beside_the_taxonomy_are_grouped_and_named(
    built_data_copy: Path, seealso: Seealso
) -> None:
    """Of all papers that look in scope, those on a leaf are left out, and the rest is grouped."""
    with open_catalogue(built_data_copy) as catalogue:
        tagger = trained_tagger(built_data_copy, TAXONOMY.name)
        given = catalogue.tags.tagged_since("2000-01-01")
        # As if the tagger had been sure of nothing: what it knows best is then a shelf that lacks.
        numbers = catalogue.numbers_of([one.id for one in given])
        catalogue.tags.replace(TAXONOMY.name, tagger.version, [(n, []) for n in numbers.values()])
        entries = catalogue.entries(list(numbers.values())).values()
        since = min(one.paper.submitted for one in entries if one.paper.submitted)
        shelves = suggested_labels(catalogue, built_data_copy, TAXONOMY, tagger, since)
        assert shelves
        assert [one.weight for one in shelves] == sorted((s.weight for s in shelves), reverse=True)
        for shelf in shelves:
            assert shelf.papers >= 5
            assert len(shelf.terms) == 5
            texts = [catalogue.entry(paper.id).paper.text.lower() for paper in shelf.examples]
            assert len(texts) == 3
            assert any(shelf.terms[0] in text for text in texts)
            assert TAXONOMY.label(shelf.nearest) in TAXONOMY.leaves
    asked = ("tags", "suggest", "--since", since.isoformat())
    found = json.loads(seealso(built_data_copy, *asked, "--limit", "1", "--json").output)
    assert [one["terms"] for one in found["suggestions"]] == [shelves[0].terms]
    shown = seealso(built_data_copy, *asked).stdout
    assert f"{', '.join(shelves[0].terms)}: {shelves[0].papers} papers, nearest to" in shown


def test_nothing_beside_the_taxonomy_is_said(built_data: Path, seealso: Seealso) -> None:
    shown = seealso(built_data, "tags", "suggest", "--since", "2100-01-01").stdout
    assert shown == f"no group of papers lies outside the leaves of {TAXONOMY.name}\n"
