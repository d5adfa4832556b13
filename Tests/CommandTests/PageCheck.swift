/// Finds what is wrong with a page: tags that do not match, bare markup, and what comes from elsewhere.
enum PageCheck {
  static func problems(of page: String) -> [String] {
    var problems: [String] = []
    var open: [Substring] = []
    var names: Set<Substring> = []
    var rest = page[...]
    if rest.hasPrefix("<!DOCTYPE html>") {
      rest = rest.dropFirst(15)
    } else {
      problems.append("no document type")
    }
    while let start = rest.firstIndex(of: "<") {
      problems += entities(in: rest[..<start])
      guard let end = end(ofTag: rest[start...]) else {
        problems.append("a tag without an end")
        break
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        if open.popLast() != tag.dropFirst() {
          problems.append("</\(tag.dropFirst())> is not open")
        }
      } else {
        let name = tag.prefix { $0 != " " && $0 != "/" }
        problems += entities(in: tag)
        problems += forbidden(name, tag)
        if !tag.hasSuffix("/") { open.append(name) }
        for id in values(of: "id", in: tag) where !names.insert(id).inserted {
          problems.append("'\(id)' is there twice")
        }
      }
    }
    return problems + open.map { "<\($0)> is not closed" }
  }

  /// The `>` that ends a tag: those in quoted values do not.
  private static func end(ofTag text: Substring) -> String.Index? {
    var isQuoted = false
    return text.indices.first { index in
      if text[index] == "\"" { isQuoted.toggle() }
      return text[index] == ">" && !isQuoted
    }
  }

  private static func entities(in text: Substring) -> [String] {
    text.split(separator: "&", omittingEmptySubsequences: false).dropFirst().filter { part in
      !["amp;", "lt;", "gt;", "quot;", "#39;"].contains { part.hasPrefix($0) }
    }.map { "a bare '&' before '\($0.prefix(10))'" }
  }

  private static func forbidden(_ name: Substring, _ tag: Substring) -> [String] {
    let isKnown = [
      "html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer",
      "p", "h1", "h2", "h3", "span", "b", "strong", "small", "div", "dl", "dt", "dd", "figure",
      "figcaption", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "svg",
      "desc",
      "line", "polyline", "polygon", "circle", "rect", "text",
    ].contains(String(name))
    let reaches = ["href=", "src=", "url(", "onload=", "onclick=", "http"].filter {
      tag.contains($0)
    }
    return (isKnown ? [] : ["<\(name)> has no place here"])
      + reaches.map { "<\(name)> has '\($0)'" }
  }

  private static func values(of attribute: String, in tag: Substring) -> [Substring] {
    tag.split(separator: " ").compactMap { part in
      part.hasPrefix(attribute + "=\"") ? part.dropFirst(attribute.count + 2).dropLast() : nil
    }
  }
}
