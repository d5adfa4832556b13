package import Bytes

/// What one column of an imported model is.
package struct LightGBMFeature: Equatable, Sendable {
  package var name: Text
  /// What the numbers of a categorical feature stand for, 0 first; `nil` for a number.
  ///
  /// Every other value is the number behind the last.
  package var categories: [Text]?

  package init(name: Text, categories: [Text]? = nil) {
    self.name = name
    self.categories = categories
  }
}

extension LightGBMFeature {
  /// What a model's text says itself of its columns: their names, and the categories of those that were
  /// categories in a table of pandas.
  ///
  /// Source: `feature_infos` of `GBDT::SaveModelToString`, which are ranges of numbers in brackets or
  /// lists of whole numbers, and `_dump_pandas_categorical` of LightGBM's Python package, which writes the
  /// categories of each such column behind the model, as JSON.
  ///
  /// - Parameter bytes: the model's text.
  /// - Returns: the columns in their order.
  /// - Throws: what cannot be read, or categories of which only numbers are known.
  package static func columns(of bytes: [UInt8]) throws(LightGBMError) -> [LightGBMFeature] {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
    let header = try LightGBMSection.all(text)[0]
    let infos = try header.words("feature_infos")
    var columns = try header.words("feature_names").map { LightGBMFeature(name: Text(String($0))) }
    guard infos.count == columns.count else {
      throw .invalidValue(key: "feature_infos", tree: nil)
    }
    let categorical = infos.indices.filter { !infos[$0].hasPrefix("[") && infos[$0] != "none" }
    guard let first = categorical.first else { return columns }
    let lists = try pandasCategories(text)
    guard lists.count == categorical.count else {
      throw .otherCategories(feature: columns[first].name, count: 0)
    }
    for (index, list) in zip(categorical, lists) {
      let texts = list.compactMap { $0 }
      guard texts.count == list.count else {
        throw .unsupported(what: "categories that are no texts")
      }
      columns[index].categories = texts
    }
    return columns
  }

  /// The lists behind `pandas_categorical:`, of texts and `nil` for other values; none where there is no
  /// such line.
  private static func pandasCategories(_ text: String) throws(LightGBMError) -> [[Text?]] {
    let key = "pandas_categorical"
    guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("\(key):") }) else {
      return []
    }
    let json = Array(line.utf8.dropFirst(key.utf8.count + 1))
    let lists = unsafe json.withUnsafeBufferPointer { bytes -> [[Text?]]? in
      var scanner = unsafe JSONScanner(bytes)
      return try? read(&scanner)
    }
    guard let lists else { throw .invalidValue(key: key, tree: nil) }
    return lists
  }

  /// Reads a list of lists of scalars, or null for none.
  ///
  /// - Returns: `nil` when it is something else.
  private static func read(_ scanner: inout JSONScanner) throws(JSONError) -> [[Text?]]? {
    var lists: [[Text?]] = []
    switch try scanner.next() {
    case .null: break
    case .beginArray:
      var token = try scanner.next()
      while token == .beginArray {
        var list: [Text?] = []
        token = try scanner.next()
        while token != .endArray {
          switch token {
          case .string: list.append(scanner.text)
          case .boolean, .integer, .double, .null: list.append(nil)
          case .name, .beginArray, .beginObject, .endArray, .endObject, .end: return nil
          }
          token = try scanner.next()
        }
        lists.append(list)
        token = try scanner.next()
      }
      guard token == .endArray else { return nil }
    default: return nil
    }
    return try scanner.next() == .end ? lists : nil
  }
}
