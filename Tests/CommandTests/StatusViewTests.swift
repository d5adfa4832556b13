import Testing
import covey

@Suite struct StatusViewTests {
  @Test func `the first line is the verdict and unknown is a question mark`() throws {
    let status = try document(
      """
      {"cluster":{"id":"a1b2c3d4e5f6","epoch":17,"version":"0.1.0","uptimeSeconds":530000,
       "address":"127.0.0.1:7070"},"health":"down","reason":"21 of 64 shards cannot be asked",
       "next":"covey worker --name w2","workers":{"total":3,"ok":2,"joining":0,"suspect":0,"lost":1},
       "shards":{"total":64,"ok":43,"missing":21},"sets":1,"segments":7,"profiles":23570,
       "jobs":{"running":1,"last":{"id":"job-4","kind":"evaluate","state":"done",
       "endedAt":"2026-03-15T11:57:00Z","elapsedMilliseconds":4200}},"seq":9}
      """
    )

    #expect(
      StatusView.lines(status, noon) == [
        "cluster a1b2c3d4  DOWN: 21 of 64 shards cannot be asked",
        "COORDINATOR 127.0.0.1:7070   covey 0.1.0   epoch 17   up 6d",
        "WORKERS 2 ok, 1 lost   SHARDS 64: 43 ok, 21 missing",
        "DATA 1 set, 23,570 profiles, ? events, 7 segments",
        "JOBS 1 running, last: job-4 evaluate done 3m ago in 4.2s",
        "NEXT covey worker --name w2",
      ]
    )
  }

  @Test func `a document that tells nothing is all question marks`() throws {
    let lines = StatusView.lines(try document("{}"), noon)

    #expect(lines.first == "cluster ?  ?")
    #expect(lines.contains("WORKERS ?   SHARDS ?: ?"))
  }

  @Test func `nodes show what is not ok with reason and next step`() throws {
    let nodes = try document(
      """
      {"nodes":[{"name":"w2","state":"lost","since":"2026-03-15T11:59:18Z","capacity":1,"shards":21,
       "profiles":7800,"reason":"no heartbeat\\u001b[31m","next":"covey worker --name w2"},
       {"name":"w1","state":"ok","since":"2026-03-15T09:00:00Z","address":"127.0.0.1",
       "heartbeatAgeMilliseconds":400,"shards":43,"profiles":15770,"memoryBytes":412000000,
       "memoryLimitBytes":2000000000,"diskFreeBytes":91000000000,"running":2,"queued":0,
       "version":"0.1.0"}]}
      """
    )

    #expect(
      NodesView.lines(nodes, noon) == [
        "WORKER  STATE  SINCE     HB  SHARDS  PROFILES        MEM/LIMIT  DISK FREE  RUN  QUEUE  VERSION  ADDRESS    REASON",
        "w2      lost     42s      ?      21     7,800            ? / ?          ?    ?      ?  ?        ?          no heartbeat\\u{1b}[31m",
        "w1      ok        3h  400ms      43    15,770  412 MB / 2.0 GB      91 GB    2      0  0.1.0    127.0.0.1",
        "NEXT covey worker --name w2",
      ]
    )
  }

  @Test func `shards are summed by worker, and those that are not ok are named`() throws {
    let shards = try document(
      """
      {"set":"shop","shards":[
       {"shard":0,"state":"ok","worker":"w1","profiles":10,"events":1,"lsn":4},
       {"shard":1,"state":"missing","worker":"w2","profiles":12,"events":0,"lsn":3,"reason":"lost"},
       {"shard":2,"state":"ok","worker":"w1","profiles":5,"events":2,"lsn":4}]}
      """
    )

    #expect(
      ShardsView.lines(shards, .summary, noon) == [
        "set shop: 3 shards, 1 not ok",
        "WORKER  STATE    SHARDS  PROFILES  EVENTS",
        "w1      ok            2        15       3",
        "w2      missing       1        12       0",
        "",
        "SHARD  STATE    WORKER  PROFILES  EVENTS  LSN  REASON",
        "    1  missing  w2            12       0    3  lost",
      ]
    )
    #expect(ShardsView.lines(shards, .all, noon).count == 5)
  }

  @Test func `a job shows its progress, what it waits for and its results`() throws {
    let job = try document(
      """
      {"id":"job-3","kind":"evaluate","set":"shop","state":"running","phase":"waiting","version":3,
       "createdAt":"2026-03-15T11:59:00Z","elapsedMilliseconds":60000,"done":40,"total":64,
       "unit":"shards","asOf":"2026-03-15T00:00:00Z","segments":2,"profiles":10,
       "reason":"it waits for worker 'w2'","waiting":[{"shard":7,"worker":"w2","reason":"lost"}],
       "results":[{"segment":"big","members":1,"realized":1,"exited":0,"milliseconds":12}]}
      """
    )

    #expect(
      JobsView.page(job, noon) == [
        "job-3  evaluate of shop  RUNNING: it waits for worker 'w2'",
        "started 2026-03-15T11:59:00Z, took 1m 00s, 40/64 shards (waiting)",
        "2 segments as of 2026-03-15T00:00:00Z, 10 profiles, ? events",
        "SHARD  WORKER  WAITING FOR", "    7  w2      lost",
        "SEGMENT  MEMBERS  SHARE  REALIZED  EXITED  TIME",
        "big            1  10.0%         1       0  12ms",
      ]
    )
    let list = try document(#"{"jobs":[{"id":"job-3","state":"running","phase":"waiting"}]}"#)
    #expect(JobsView.lines(list, noon)[1].hasPrefix("job-3  ?     ?    running  waiting     ?/? ?"))
    let ended = try document(
      #"{"done":0,"unit":"trees","state":"failed","endedAt":"2026-03-15T12:00:00Z"}"#
    )
    #expect(JobsView.progress(ended) == "")
  }
}
