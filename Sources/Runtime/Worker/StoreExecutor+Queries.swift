import Bytes
import Cluster
import Domain
import ProfileStore
import Segmentation

// Questions to one shard.
extension StoreExecutor {
  /// Answers a question in the shard's lane; called there.
  func answer(_ query: Query, _ place: ShardPlace, _ contents: ShardContents) -> QueryAnswer {
    do throws(StoreError) {
      return try shelf.use(place) { store throws(StoreError) in
        let found = ShardContents(store.contents)
        guard found == contents else {
          return .failed(.missingData(found, wanted: contents, isRetryable: true))
        }
        switch query {
        case .page(let query): return try page(query, of: store)
        case .overlap(let audiences, let job):
          guard store.membershipJob == job else {
            return .failed(otherRun(store.membershipJob, wanted: job))
          }
          return .counts(try store.memberships().overlapCounts(of: audiences))
        case .profile(let key):
          return .document(
            try ProfileDocument.document(of: key, in: store.snapshot(), store.memberships())
          )
        case .explain(let definitions, let key, let asOf):
          return try explain(definitions, key, asOf: asOf, in: store)
        case .explainScore(let question): return try explain(question, in: store)
        }
      }
    } catch {
      if error.isFatal { finish(.storeFailed(reason: Text(error.description))) }
      return .failed(WorkFailure(error))
    }
  }

  private func page(
    _ query: PageQuery,
    of store: ShardStore
  ) throws(StoreError) -> QueryAnswer {
    guard query.audience == nil || store.membershipJob == query.membershipJob else {
      return .failed(otherRun(store.membershipJob, wanted: query.membershipJob))
    }
    var projections: [FieldProjection] = []
    for field in query.fields ?? [] {
      guard let projection = FieldProjection(field) else {
        let shown = Printable.text(field.utf8, byteCountMax: 200)
        let message = Text("'\(shown)' is no path of a field; write names with dots between")
        return .failed(WorkFailure(code: "BAD_FIELD", message: message, isRetryable: false))
      }
      projections.append(projection)
    }
    let fields: ProfilePage.Fields =
      query.fields == nil ? .none : projections.isEmpty ? .all : .some(projections)
    let page = try ProfilePage(
      ProfilePage.Request(
        audience: query.audience,
        statuses: Set(query.statuses),
        isChangedOnly: query.isChangedOnly,
        after: query.after,
        rowCountMax: Int(query.rowCountMax),
        fields: fields
      ),
      of: store.snapshot(),
      store.memberships()
    )
    return .page(
      page.rows.map { row in
        PageRow(
          key: row.key,
          status: row.status,
          lastQualification: row.lastQualification,
          fields: row.fields
        )
      },
      isDone: page.isDone
    )
  }

  private func explain(
    _ definitions: [PlannedDefinition],
    _ key: ProfileKey,
    asOf: Instant,
    in store: ShardStore
  ) throws(StoreError) -> QueryAnswer {
    let program: SegmentProgram
    do throws(ProgramError) {
      program = try programs.program(of: definitions)
    } catch {
      let message = Text(error.description)
      return .failed(
        WorkFailure(code: "BAD_DEFINITION", message: message, isRetryable: false)
      )
    }
    let snapshot = try store.snapshot()
    let memberships = try store.memberships()
    do throws(ExplanationError) {
      return .document(try program.explanation(of: key, in: snapshot, memberships, asOf: asOf))
    } catch {
      switch error {
      case .store(let error): throw error
      case .failed:
        let message = Text(error.description)
        return .failed(WorkFailure(code: "NO_ANSWER", message: message, isRetryable: false))
      }
    }
  }

  private func otherRun(_ found: JobID?, wanted: JobID?) -> WorkFailure {
    let words = [found, wanted].map { $0?.description ?? "no run" }
    return WorkFailure(
      code: "CHANGED",
      message: Text("the shard has the memberships of \(words[0]), not those of \(words[1])"),
      isRetryable: true
    )
  }
}
