private import Bytes

/// The `key=value` lines of a LightGBM model's header, or of one of its trees.
struct LightGBMSection {
  /// 0-based number of the tree; `nil` for the header.
  let tree: Int?
  private(set) var values: [String: Substring] = [:]
  private(set) var flags: Set<String> = []

  /// The header and the trees of a model text.
  static func all(_ text: String) throws(LightGBMError) -> [LightGBMSection] {
    var sections = [LightGBMSection(tree: nil)]
    var isFirst = true
    for line in text.split(separator: "\n") {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      if isFirst {
        guard line == "tree" else { throw .notAModel }
        isFirst = false
      } else if line == "end of trees" {
        return sections
      } else if line.hasPrefix("Tree=") {
        sections.append(LightGBMSection(tree: sections.count - 1))
      } else if let sign = line.firstIndex(of: "=") {
        sections[sections.count - 1].values[String(line[..<sign])] =
          line[line.index(after: sign)...]
      } else {
        sections[sections.count - 1].flags.insert(String(line))
      }
    }
    guard !isFirst else { throw .notAModel }
    throw .missingKey("end of trees", tree: sections.count > 1 ? sections.count - 2 : nil)
  }

  private init(tree: Int?) { self.tree = tree }

  func words(_ key: String) throws(LightGBMError) -> [Substring] {
    guard let value = values[key] else { throw .missingKey(key, tree: tree) }
    return value.split(separator: " ")
  }

  func integer(_ key: String) throws(LightGBMError) -> Int {
    let values = try integers(key, count: 1)
    return values[0]
  }

  func integers(_ key: String, count: Int) throws(LightGBMError) -> [Int] {
    var integers: [Int] = []
    for word in try words(key) {
      guard let value = Int(word) else { throw .invalidValue(key: key, tree: tree) }
      integers.append(value)
    }
    guard integers.count == count else { throw .invalidValue(key: key, tree: tree) }
    return integers
  }

  /// Finite numbers.
  func numbers(_ key: String, count: Int) throws(LightGBMError) -> [Double] {
    var numbers: [Double] = []
    for word in try words(key) {
      switch NumberText.parse(Array(word.utf8)) {
      case .integer(let value): numbers.append(Double(value))
      case .double(let value): numbers.append(value)
      case .tooLarge, .malformed, nil: throw .invalidValue(key: key, tree: tree)
      }
    }
    guard numbers.count == count else { throw .invalidValue(key: key, tree: tree) }
    return numbers
  }
}
