/*
 * The protocol of WorkerTeam, step by step as the code takes it, for the model checker spin.
 * PROTOCOL.md tells it in words; check.sh runs it, true and with seeded mistakes.
 *
 * N workers and one caller. The caller broadcasts BROADCASTS times, each time to 1..N workers; each body passes
 * up to ROUNDS barriers, and may leave before any of them (it failed, or it finished early: the barrier can't
 * tell, nor need it). A worker that is sent away may ignore that once and come to the barrier again. A sleeper may
 * wake for no reason (signal, time-out, late wake) WAKES_FOR_NOTHING times in all. In the end the team shuts down.
 *
 * Checked: no state without a successor but the end (so no lost wake-up and nobody hanging), no cycle (so every
 * run ends), and the assertions below. Memory is sequentially consistent here; PROTOCOL.md argues the orderings.
 */

#ifndef N
#define N 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef BROADCASTS
#define BROADCASTS 2
#endif
#ifndef WAKES_FOR_NOTHING
#define WAKES_FOR_NOTHING 1
#endif

/* The real generation has 30 bits. Two values are enough to be right, since nobody can be two generations late. */
#define next(generation) (1 - generation)

/* GenerationWord: one 32-bit word in memory, changed as a whole. */
typedef Word {
  bit generation;
  bit closed;
  bit parked;
}

Word barrier;          /* PhaseBarrier.generation */
byte arrived;          /* PhaseBarrier.arrived */
Word mailbox[N];
Word completion;
byte remaining;
byte jobWorkers;       /* the job: how many workers take part */

/* The kernel's queues: who sleeps on which word. */
bit sleepsInBarrier[N];
bit sleepsInMailbox[N];
bit callerSleeps;
byte wakesForNothing = WAKES_FOR_NOTHING;

/* For the assertions only. */
byte inBody;           /* workers that may read the job or write their memory */
byte written[N];       /* plain memory of each worker: the round it has reached */
byte passed[ROUNDS];   /* how many passed the barrier of a round */
byte refused[ROUNDS];  /* how many were sent away from it */
bit  hasLeft;          /* someone left before its time */

/* The kernel compares and enqueues in one step (it holds the queue's lock); then the thread sleeps until woken. */
inline futexWait(word, expectedGeneration, sleeps) {
#ifdef MISTAKE_SLEEP_WITHOUT_COMPARE
  sleeps = 1;
#else
  atomic {
    if
    :: word.generation == expectedGeneration && !word.closed && word.parked -> sleeps = 1
    :: else
    fi
  }
#endif
  if
  :: sleeps == 0
  :: atomic { sleeps == 1 && wakesForNothing > 0 -> wakesForNothing--; sleeps = 0 }
  fi
}

/* GenerationWord.waitCold and .park: spin or sleep, whichever, until the generation moves on or the word is closed.
   Which of the two happens first is a matter of time, so the model tries both. markParked is a compare and exchange
   that fails if the word has changed since it was read, which is why reading and marking are one step here. */
inline waitPast(word, earlier, sleeps) {
  do
  :: atomic { word.generation != earlier || word.closed -> break }
#ifdef MISTAKE_SLEEP_WITHOUT_FLAG
  :: atomic { word.generation == earlier && !word.closed -> sleeps = 1 }
    if :: sleeps == 0 fi
#else
  :: atomic { word.generation == earlier && !word.closed -> word.parked = 1 }
    futexWait(word, earlier, sleeps)
#endif
  od
}

inline wakeAllInBarrier() {
  d_step { k = 0; do :: k < N -> sleepsInBarrier[k] = 0; k++ :: else -> break od; k = 0 }
}

#ifdef MISTAKE_COUNT_THE_WHOLE_TEAM
#define EXPECTED_ARRIVALS N
#else
#define EXPECTED_ARRIVALS jobWorkers
#endif

/* PhaseBarrier.arriveAndWait. Sets `sentAway`. */
inline arriveAndWait(round) {
#ifndef MISTAKE_READ_GENERATION_AFTER_ARRIVING
  atomic { current = barrier.generation; sentAway = barrier.closed }
#else
  sentAway = barrier.closed;
#endif
  if
  :: sentAway
  :: else ->
    atomic { arrived++; isLast = (arrived == EXPECTED_ARRIVALS) }
#ifdef MISTAKE_READ_GENERATION_AFTER_ARRIVING
    current = barrier.generation;
#endif
    if
    :: isLast ->
#ifndef MISTAKE_RESET_AFTER_RELEASE
      arrived = 0;
#endif
#ifdef MISTAKE_RELEASE_IN_TWO_STEPS
      wasParked = barrier.parked;
      atomic { barrier.generation = next(current); barrier.parked = 0 }
#else
      atomic { wasParked = barrier.parked; barrier.generation = next(current); barrier.parked = 0 }
#endif
      if
      :: wasParked -> wakeAllInBarrier()
      :: else
      fi;
#ifdef MISTAKE_RESET_AFTER_RELEASE
      arrived = 0;
#endif
    :: else ->
      waitPast(barrier, current, sleepsInBarrier[me]);
#ifdef MISTAKE_CLOSED_COMES_FIRST
      sentAway = barrier.closed
#else
      atomic { sentAway = (barrier.generation == current) }
#endif
    fi
  fi;
  atomic {
    if
    :: sentAway -> refused[round]++; assert(passed[round] == 0); assert(hasLeft)
    :: else -> passed[round]++; assert(refused[round] == 0)
    fi
  }
}

/* PhaseBarrier.leave: GenerationWord.close. */
inline leaveBarrier() {
#ifdef MISTAKE_LEAVE_WITHOUT_CLOSING
  skip
#else
  atomic { wasParked = barrier.parked && !barrier.closed; barrier.closed = 1 }
#ifndef MISTAKE_CLOSE_WITHOUT_WAKING
  if
  :: wasParked -> wakeAllInBarrier()
  :: else
  fi
#endif
#endif
}

/* TeamState.finishOne. */
inline finishOne() {
  atomic { inBody--; remaining--; isLast = (remaining == 0) }
  if
  :: isLast ->
    atomic { wasParked = completion.parked; completion.generation = next(completion.generation); completion.parked = 0 }
    if
    :: wasParked -> callerSleeps = 0
    :: else
    fi
  :: else
  fi
}

/* Every worker has written the round that all have just met for, and nobody is two rounds ahead. */
inline checkEveryone(round) {
  d_step {
    k = 0;
    do
    :: k < jobWorkers -> assert(written[k] == round + 1 || written[k] == round + 2); k++
    :: else -> break
    od;
    k = 0
  }
}

proctype Worker(byte me) {
  bit seen;
  bit current;
  bit sentAway;
  bit isLast;
  bit wasParked;
  bit isStubborn;
  byte round;
  byte k;

  do
  :: waitPast(mailbox[me], seen, sleepsInMailbox[me]);
    if
    :: mailbox[me].closed -> break
    :: else -> seen = mailbox[me].generation
    fi;

    atomic { inBody++; assert(me < jobWorkers); round = 0; isStubborn = 1 }
    do
    :: round < ROUNDS ->
      if
      :: true -> written[me] = round + 1
      :: atomic { true -> hasLeft = 1; break }
      fi;
      arriveAndWait(round);
      if
      :: sentAway && isStubborn -> isStubborn = 0;
        arriveAndWait(round);
        assert(sentAway);
        break
      :: sentAway -> break
      :: else -> checkEveryone(round); round++
      fi
    :: else -> break
    od;
    leaveBarrier();
    finishOne()
  od
}

active proctype Caller() {
  bit before;
  bit wasParked;
  byte broadcast;
  byte k;

  atomic { k = 0; do :: k < N -> run Worker(k); k++ :: else -> break od }

  do
  :: broadcast < BROADCASTS ->
    before = completion.generation;
    select(k : 1 .. N);
    atomic {
      /* Plain stores: the caller must be alone here, and is if nobody is in a body. */
      assert(inBody == 0);
      jobWorkers = k; hasLeft = 0;
      barrier.generation = next(barrier.generation); barrier.closed = 0; barrier.parked = 0; arrived = 0;
#ifdef MISTAKE_EXPECT_ONE_TOO_FEW
      remaining = (k > 1 -> k - 1 : 1);
#else
      remaining = k;
#endif
      k = 0; do :: k < ROUNDS -> passed[k] = 0; refused[k] = 0; k++ :: else -> break od;
      k = 0; do :: k < N -> written[k] = 0; k++ :: else -> break od;
      k = 0
    }
    do
    :: k < jobWorkers ->
      atomic { wasParked = mailbox[k].parked; mailbox[k].generation = next(mailbox[k].generation); mailbox[k].parked = 0 }
      if
      :: wasParked -> sleepsInMailbox[k] = 0
      :: else
      fi;
      k++
    :: else -> break
    od;
    waitPast(completion, before, callerSleeps);
    atomic {
      assert(inBody == 0);
      k = 0; do :: k < ROUNDS -> assert(passed[k] == 0 || passed[k] == jobWorkers); k++ :: else -> break od;
      k = 0
    }
    broadcast++
  :: else -> break
  od;

  /* WorkerThread.endAll. */
  do
  :: k < N ->
    atomic { wasParked = mailbox[k].parked && !mailbox[k].closed; mailbox[k].closed = 1 }
    if
    :: wasParked -> sleepsInMailbox[k] = 0
    :: else
    fi;
    k++
  :: else -> break
  od;
  (_nr_pr == 1)  /* pthread_join */
}
