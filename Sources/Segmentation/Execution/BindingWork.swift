import Bytes
import Domain
import ProfileStore

/// The part of the binding that goes on from shard to shard.
@safe final class BindingWork {
  let program: CompiledProgram
  let conditions: EventConditions
  let attributeConditions: AttributeConditions
  /// Owns what steps refer to that do not depend on a shard.
  let arena = Arena.ofKernels()
  let classifiers: [FieldClassifier]
  /// By field, where its tests begin among those of all fields, and where the last ones end.
  let testStarts: [Int]
  /// Of the values that are added.
  let valueNames: [FieldNames]
  let timestampNames = FieldNames([.timestamp])
  private var layouts: [LayoutKey: Layout] = [:]
  private var answers: [AnswerKey: [OrderedAnswers?]] = [:]

  private struct LayoutKey: Hashable {
    /// `nil` for attributes.
    var type: Text??
    var isPresent: [Bool]
  }

  /// A layout with the tests it needs, and what was made of it for shards before.
  @safe final class Layout {
    let layout: TableLayout
    var steps: ConditionSteps?
    /// Of fields with neither texts nor anything below them.
    var comparisons: [LaneKey: Comparisons] = [:]
    /// Ascending by field.
    let fields: [(field: Int, tests: [TableLayout.Test])]

    init(_ layout: TableLayout) {
      self.layout = layout
      fields = layout.testsOfFields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  struct LaneKey: Hashable {
    var field: Int
    var lanes: [TableShape.Lane]
  }

  /// What lanes are compared with, for tests that bounds tell.
  @safe struct Comparisons {
    var tests: [TableLayout.Test]
    var lanes: [LaneStep]
  }

  private struct AnswerKey: Hashable {
    var field: Int
    var order: ValueOrder
  }

  /// What a test says of ordered values.
  struct OrderedAnswers {
    /// Of the least.
    var first: Bool
    /// The places from which on the answer is another, ascending.
    var changes: [UInt64]
  }

  init(_ program: CompiledProgram) {
    self.program = program
    conditions = EventConditions(program)
    valueNames = conditions.values.map { FieldNames($0.names) }
    attributeConditions = AttributeConditions(program)
    classifiers = (program.attributeFields + program.eventFields).map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.tests[$0] },
        numbers: field.tests
      )
    }
    testStarts = classifiers.reduce(into: [0]) { starts, classifier in
      starts.append(starts[starts.count - 1] + classifier.testNumbers.count)
    }
  }

  func bind(_ snapshot: ShardSnapshot) throws(StoreError) -> ShardBinding {
    let binding = ShardBinding(
      program,
      conditions,
      attributeConditions,
      eventTypes: snapshot.eventTypes,
      keeping: arena
    )
    var programs: [TableProgram] = unsafe []
    var tables = TableBinding(self, snapshot, binding)
    for fields in snapshot.shapes {
      unsafe programs.append(
        try tables.program(fields, layout(of: fields, snapshot.eventTypes))
      )
    }
    unsafe binding.finish(programs, classifiers)
    return binding
  }

  private var eventClassifiers: ArraySlice<FieldClassifier> {
    classifiers[program.attributeFields.count...]
  }

  private func layout(of fields: TableFields, _ eventTypes: [Text]) -> Layout {
    let isOfAttributes = fields.shape.type < 0
    let type = eventTypes.indices.contains(fields.shape.type) ? eventTypes[fields.shape.type] : nil
    let key = LayoutKey(
      type: isOfAttributes ? .none : .some(type),
      isPresent: isOfAttributes
        ? [] : eventClassifiers.map { fields.place(of: $0.names) != .nowhere }
    )
    if let known = layouts[key] { return known }
    let layout = Layout(
      isOfAttributes
        ? TableLayout(attributeConditions)
        : TableLayout(conditions, program, type: type, isPresent: key.isPresent)
    )
    layouts[key] = layout
    return layout
  }

  /// By test of a field, what it says of values in an order; `nil` for tests that have to be asked.
  func answers(ofField field: Int, _ order: ValueOrder) -> [OrderedAnswers?] {
    let key = AnswerKey(field: field, order: order)
    if let known = answers[key] { return known }
    let made = classifiers[field].testNumbers.map { number -> OrderedAnswers? in
      guard let (places, answers) = order.answers(of: program.tests[number]) else { return nil }
      let changes = places.indices.filter { answers[$0] != answers[$0 + 1] }
      return OrderedAnswers(first: answers[0], changes: changes.map { places[$0] })
    }
    answers[key] = made
    return made
  }
}
