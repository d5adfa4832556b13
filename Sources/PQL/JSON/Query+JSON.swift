package import Bytes
package import Domain

extension Query {
  /// Reads a definition in its `pql/json` form: a syntax tree of nodes, each with a `nodeType`.
  ///
  /// Unknown members are ignored, unknown node types refused. The query comes from the canonical text
  /// of the tree, which is its `source`; so a tree is a definition exactly if a text says the same,
  /// with the same limits, and what the checker finds points into that text.
  package static func parse(json document: Value) throws(PQLJSONError) -> Query {
    var reader = QueryJSONReader()
    let text = try reader.query(document).text()
    do throws(LanguageError) {
      return try parse(text)
    } catch {
      throw PQLJSONError(.refused(error), at: "")
    }
  }

  /// Reads a definition from the text of its `pql/json` form.
  package static func parse(jsonText text: Text) throws(PQLJSONError) -> Query {
    let document: Value?
    do throws(JSONError) {
      document = try Value.parse(json: text)
    } catch {
      throw PQLJSONError(.notJSON(error), at: "")
    }
    guard let document else { throw PQLJSONError(.expected("a node", found: "null"), at: "") }
    return try parse(json: document)
  }

  /// The definition in its `pql/json` form.
  ///
  /// Reading it gives a query that is equal once checked: a property says there which item it is taken
  /// from, so `$1.a`, `this.a` and `a` come back as the shortest of them that means the same. A tree
  /// nested more than `JSONScanner.nestingMax` levels deep cannot be read from text again.
  package var json: Value {
    var writer = QueryJSONWriter()
    return writer.query(self)
  }
}
