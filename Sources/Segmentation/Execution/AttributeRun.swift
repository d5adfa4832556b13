import Bytes
import ProfileStore

/// Tests attributes: writes the vector of each attribute's node.
final class AttributeRun {
  private let classifiers: [FieldClassifier]
  /// Uses are nodes.
  private let words: [MaskWord]
  private let classes: [Scratch<UInt16>]
  private let finders: [FieldFinder]
  private let masks = Scratch<UInt64>(count: BlockVector.bitCount)
  private let placed = Scratch<UInt64>(count: BlockVector.bitCount)

  init(_ program: CompiledProgram) {
    let fields = program.attributeFields
    classifiers = fields.map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.tests[$0] },
        numbers: field.tests
      )
    }
    classes = fields.map { _ in Scratch(count: BlockVector.bitCount) }
    finders = fields.map { FieldFinder($0.path.names) }
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
    for (field, classifier) in classifiers.enumerated() {
      let classes = unsafe classes[field].pointer
      if let located = finders[field].find(in: columns.attributes) {
        try unsafe columnClasses.write(located, by: classifier, into: classes)
      } else {
        unsafe classes.update(repeating: classifier.ofMissing, count: columns.profileCount)
      }
    }
    let pointers = unsafe classes.map { unsafe $0.pointer }
    for word in words {
      word.update(classifiers)
      unsafe word.write(pointers, count: columns.profileCount, into: masks.pointer)
      placed.fill(0, count: BlockVector.bitCount)
      unsafe place(masks.pointer, count: columns.profileCount, into: placed.pointer)
      unsafe addColumns(of: placed.pointer, for: word.uses, to: vectors)
    }
  }
}

/// Adds bit `j` of 1,024 masks, each at its profile's place, to the vector of the `j`th node.
///
/// The masks are destroyed.
func addColumns(
  of masks: UnsafeMutablePointer<UInt64>,
  for nodes: [Int],
  to vectors: Scratch<UInt64>
) {
  let squares = unsafe UnsafeMutableRawPointer(masks).assumingMemoryBound(to: SIMD4<UInt64>.self)
  let vectors = unsafe UnsafeMutableRawPointer(vectors.pointer)
    .assumingMemoryBound(to: SIMD4<UInt64>.self)
  for group in 0..<4 {
    let rows = unsafe squares + 64 * group
    var any = SIMD4<UInt64>(repeating: 0)
    for row in 0..<64 { unsafe any |= rows[row] }
    if any == SIMD4(repeating: 0) { continue }
    unsafe transpose(rows)
    unsafe nodes.withUnsafeBufferPointer { nodes in
      for bit in 0..<nodes.count { unsafe vectors[nodes[bit] &* 4 &+ group] |= rows[bit] }
    }
  }
}
