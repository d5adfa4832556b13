import Bytes
import Domain
import ProfileStore
import Synchronization

/// Makes a program ready for the shapes of tables that shards have.
///
/// What only the program and the kinds of fields decide is made once for all shards of a job: the
/// classes of values, the bounds of tests, and for each layout what can hold there.
final class ProgramBinder: Sendable {
  private let state = Mutex(State())

  private final class State: @unchecked Sendable {
    var work: BindingWork?
  }

  /// Brings the program together with a shard, of which every block was laid flat.
  func bind(
    _ program: CompiledProgram,
    _ snapshot: ShardSnapshot
  ) throws(StoreError) -> ShardBinding {
    let result = state.withLock { state -> Result<ShardBinding, StoreError> in
      let work = state.work ?? BindingWork(program)
      state.work = work
      do throws(StoreError) {
        return .success(try work.bind(snapshot))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
