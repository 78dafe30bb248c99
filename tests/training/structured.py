"""Made-up structured abstracts as a PubMed file, for the tests of section roles."""

import gzip

SECTIONS = (
    ("Background", "Gout hurts patients."),
    ("MATERIALS AND METHODS", "Aspirin and metformin in diabetes."),
    ("RESULTS", "The pain of cancer with fever."),
    ("CONCLUSIONS", "Metformin lowers glucose."),
)
_RECORD = (
    '<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>Gout.</ArticleTitle>'
    "<Abstract>{sections}</Abstract></Article></MedlineCitation></PubmedArticle>"
)


def write_pubmed(data, *abstracts):
    """A file of abstracts, each (label, text) pairs, in a data folder; PMIDs count from 1."""
    records = (
        _RECORD.format(
            pmid=number,
            sections="".join(f'<AbstractText Label="{label}">{text}</AbstractText>' for label, text in sections),
        )
        for number, sections in enumerate(abstracts, 1)
    )
    folder = data / "pubmed"
    folder.mkdir(parents=True, exist_ok=True)
    xml = f"<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"
    (folder / "made-up.xml.gz").write_bytes(gzip.compress(xml.encode()))
