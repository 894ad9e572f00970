"""A taxonomy as SKOS (W3C Recommendation of 18 August 2009), for programs that speak it."""

from classifier.taxonomies.taxonomy import Taxonomy


def as_skos(taxonomy: Taxonomy) -> str:
    """Turtle: a concept scheme, and a concept for each label.

    Concepts are named by the taxonomy's source and the label's id; where the source is no address,
    by a URN. What a label includes are its scope notes.
    """
    from rdflib import Graph, Literal, URIRef
    from rdflib.namespace import DCTERMS, RDF, SKOS

    graph = Graph()
    graph.bind("skos", SKOS)
    graph.bind("dcterms", DCTERMS)
    scheme = URIRef(scheme_uri(taxonomy))
    uris = {label.id: URIRef(label_uri(taxonomy, label.id)) for label in taxonomy.labels}
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(taxonomy.title, "en")))
    for label in taxonomy.labels:
        uri = uris[label.id]
        graph.add((uri, RDF.type, SKOS.Concept))
        graph.add((uri, SKOS.inScheme, scheme))
        graph.add((uri, SKOS.notation, Literal(label.id)))
        graph.add((uri, SKOS.prefLabel, Literal(label.title, "en")))
        graph.add((uri, SKOS.definition, Literal(label.definition, "en")))
        for subject in label.includes:
            graph.add((uri, SKOS.scopeNote, Literal(subject, "en")))
        if label.parent is None:
            graph.add((uri, SKOS.topConceptOf, scheme))
            graph.add((scheme, SKOS.hasTopConcept, uri))
        else:
            graph.add((uri, SKOS.broader, uris[label.parent]))
            graph.add((uris[label.parent], SKOS.narrower, uri))
    return graph.serialize(format="turtle")


def scheme_uri(taxonomy: Taxonomy) -> str:
    """What names the taxonomy itself."""
    if taxonomy.source.startswith(("https://", "http://")):
        return taxonomy.source
    return f"urn:seealso:{taxonomy.name}"


def label_uri(taxonomy: Taxonomy, label_id: str) -> str:
    """What names a label."""
    return f"{scheme_uri(taxonomy)}#{label_id}"
