import Bytes
import Domain

/// Holds rows against the declared types.
struct DeclaredCheck {
  /// A declared place by numbers of names.
  private struct Node {
    var type: FieldType?
    var fields: [Int32: Int] = [:]
    var element: Int?
  }

  private let declared: DeclaredTypes
  private var nodes: [Node] = []
  private var profileRoot: Int?
  private var eventRoot: Int?

  init(_ declared: DeclaredTypes) { self.declared = declared }

  mutating func number(_ names: inout NameTable) {
    nodes = []
    profileRoot = declared.profile.isEmpty ? nil : add(declared.profile, &names)
    eventRoot = declared.event.isEmpty ? nil : add(declared.event, &names)
  }

  private mutating func add(_ node: DeclaredTypes.Node, _ names: inout NameTable) -> Int {
    let index = nodes.count
    nodes.append(Node(type: node.type))
    for (name, field) in node.fields {
      nodes[index].fields[names.number(name)] = add(field, &names)
    }
    if let element = node.element.first { nodes[index].element = add(element, &names) }
    return index
  }

  /// Checks the row at `root`; CSV cells of declared columns get their type.
  func check(
    _ tape: inout Tape,
    _ root: Int,
    isEvent: Bool,
    _ names: borrowing NameTable
  ) throws(RowFault) {
    guard let node = isEvent ? eventRoot : profileRoot else { return }
    try check(&tape, root, nodes[node], [], names)
  }

  private func check(
    _ tape: inout Tape,
    _ index: Int,
    _ node: Node,
    _ path: [Int32],
    _ names: borrowing NameTable
  ) throws(RowFault) {
    let tag = tape.entries[index].tag
    if let type = node.type {
      guard tape.accept(index, type) else {
        throw fault("\(type.article) expected", tape, index, path, names)
      }
      return
    }
    if !node.fields.isEmpty {
      guard tag == .object else { throw fault("an object expected", tape, index, path, names) }
      var child = index + 1
      while child < tape.end(of: index) {
        let entry = tape.entries[child]
        let next = tape.next(after: child)
        if entry.tag != .dead, let declared = node.fields[entry.name] {
          try check(&tape, child, nodes[declared], path + [entry.name], names)
        }
        child = next
      }
    }
    if let element = node.element {
      guard tag == .array else { throw fault("an array expected", tape, index, path, names) }
      var child = index + 1
      while child < tape.end(of: index) {
        let next = tape.next(after: child)
        if tape.entries[child].tag != .dead {
          try check(&tape, child, nodes[element], path + [-1], names)
        }
        child = next
      }
    }
  }

  private func fault(
    _ detail: String,
    _ tape: borrowing Tape,
    _ index: Int,
    _ path: [Int32],
    _ names: borrowing NameTable
  ) -> RowFault {
    var field = ""
    for name in path {
      if name < 0 {
        field += "[]"
      } else {
        field += (field.isEmpty ? "" : ".") + names.text(name).string
      }
    }
    return RowFault(
      reason: .wrongKind,
      field: Printable.text(field.utf8, byteCountMax: 200),
      value: tape.shown(index),
      detail: detail
    )
  }
}

extension FieldType {
  /// The type's name in a sentence.
  var article: String {
    switch self {
    case .integer: "an integer"
    case .instant: "an instant such as 2026-03-15T12:00:00Z"
    case .date: "a date such as 2026-03-15"
    case .boolean, .double, .string, .map: "a \(rawValue)"
    }
  }
}

extension Tape {
  /// Whether a value is of a declared type; cells get it, and times their strict spelling.
  mutating func accept(_ index: Int, _ type: FieldType) -> Bool {
    let entry = entries[index]
    switch (entry.tag, type) {
    case (.cell, _): return self.type(index, as: type)
    case (.boolean, .boolean), (.integer, .integer), (.integer, .double), (.double, .double),
      (.string, .string), (.object, .map), (.integer, .instant), (.double, .instant):
      return true
    case (.string, .instant): return normalizeInstant(index)
    case (.string, .date): return time(place(entry))?.isDateOnly == true
    default: return false
    }
  }
}
