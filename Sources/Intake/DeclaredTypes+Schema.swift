package import Domain

extension DeclaredTypes {
  /// The schema that says what was declared and nothing else.
  package var schema: Schema {
    var schema = Schema()
    schema.profile.declare(root(.attributes))
    schema.event.declare(root(.event))
    return schema
  }
}
