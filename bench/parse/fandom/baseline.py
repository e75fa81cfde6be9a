"""Reads a page with bs4 and html.parser; prints milliseconds for the tree alone and for tree and reading, best of the rounds."""
import sys
import time

from bs4 import BeautifulSoup


def read(soup):
    box = soup.select_one("aside.portable-infobox")
    items = {
        item.get("data-source"): item.select_one(".pi-data-value").get_text(" ", strip=True)
        for item in box.select(".pi-item.pi-data")
    }
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])] for row in soup.select("table tr")]
    lists = [entry.get_text(" ", strip=True) for entry in soup.select(".mw-parser-output > ul > li")]
    pictures = [
        (image.get("data-src") or image.get("src"), image.get("alt"), image.find_parent("a"))
        for image in soup.select(".mw-parser-output img")
    ]
    return items, rows, lists, pictures


def main():
    html = open(sys.argv[1], encoding="utf-8").read()
    trees, whole = [], []
    for _ in range(int(sys.argv[2])):
        started = time.perf_counter()
        soup = BeautifulSoup(html, "html.parser")
        trees.append(time.perf_counter() - started)
        found = read(soup)
        whole.append(time.perf_counter() - started)
        assert len(found[0]) > 10 and len(found[3]) > 100
    print(1000 * min(trees), 1000 * min(whole))


main()
