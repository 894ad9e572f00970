"""Export a taxonomy as SKOS (W3C Recommendation of 18 August 2009), for other programs."""

from classifier.taxonomies.taxonomy import Taxonomy


def as_skos(taxonomy: Taxonomy) -> str:
    """Return Turtle: a concept scheme, and a concept for each label.

    The URI of a concept consists of the taxonomy's source and the label's id, or is a URN if the
    source is not an address. The included subjects of a label are scope notes.
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
    """Return the URI of the taxonomy: its source if that is an address, otherwise a URN."""
    if taxonomy.source.startswith(("https://", "http://")):
        return taxonomy.source
    return f"urn:seealso:{taxonomy.name}"


def label_uri(taxonomy: Taxonomy, label_id: str) -> str:
    """Return the URI of a label: that of the taxonomy, with the id as fragment."""
    return f"{scheme_uri(taxonomy)}#{label_id}"
