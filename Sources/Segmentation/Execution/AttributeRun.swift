import Bytes
import ProfileStore

/// Tests attributes: writes the vector of each attribute's node.
final class AttributeRun {
  private let classifiers: [FieldClassifier]
  /// Uses are nodes.
  private let words: [MaskWord]
  private let classes: [Scratch<UInt16>]
  private let masks = Scratch<UInt64>(count: BlockVector.bitCount)

  init(_ program: CompiledProgram) {
    let fields = program.attributeFields
    classifiers = fields.map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.graph.tests[$0] },
        numbers: field.tests
      )
    }
    classes = fields.map { _ in Scratch(count: BlockVector.bitCount) }
    var bits: [(node: Int, field: Int, test: Int)] = []
    for (number, node) in program.graph.nodes.enumerated() {
      guard case .attribute(let test) = node else { continue }
      let place = program.placeOfTest[test]
      bits.append((number, place.field, place.index))
    }
    bits.sort { $0.field < $1.field }
    words = stride(from: 0, to: bits.count, by: 64).map { start in
      let chosen = bits[start..<min(start + 64, bits.count)]
      return MaskWord(.any, uses: chosen.map(\.node), tests: chosen.map { [($0.field, $0.test)] })
    }
  }

  var isFull: Bool { classifiers.contains(where: \.isFull) }

  func run(
    _ columns: BlockColumns,
    _ columnClasses: ColumnClasses,
    into vectors: Scratch<UInt64>
  ) throws(StoreError) {
    for (classifier, classes) in zip(classifiers, classes) {
      try unsafe columnClasses.write(
        columns.attributes,
        classifier.path.names[...],
        by: classifier,
        into: classes.pointer
      )
    }
    let pointers = unsafe classes.map { unsafe $0.pointer }
    for word in words {
      word.update(classifiers)
      unsafe word.write(pointers, count: columns.profileCount, into: masks.pointer)
      let past = BlockVector.bitCount - columns.profileCount
      unsafe (masks.pointer + columns.profileCount).update(repeating: 0, count: past)
      unsafe addColumns(of: masks.pointer, for: word.uses, to: vectors)
    }
  }
}

/// Adds bit `j` of 1,024 masks to the vector of the `j`th node; the masks are destroyed.
func addColumns(
  of masks: UnsafeMutablePointer<UInt64>,
  for nodes: [Int],
  to vectors: Scratch<UInt64>
) {
  let vectors = unsafe vectors.pointer
  for word in 0..<BlockVector.wordCount {
    let rows = unsafe masks + 64 * word
    var any: UInt64 = 0
    for row in 0..<64 { unsafe any |= rows[row] }
    if any == 0 { continue }
    unsafe transpose(rows)
    for bit in nodes.indices {
      unsafe vectors[nodes[bit] * BlockVector.wordCount + word] |= rows[bit]
    }
  }
}
