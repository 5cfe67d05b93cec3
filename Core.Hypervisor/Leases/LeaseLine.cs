using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Leases;

/// <summary>One vCPU's lease: a cache line that the Host and the domain's process both map.</summary>
/// <remarks>
/// <para>A turn, from the vCPU's wake-up to its next sleep (State in capitals; H is the Host, V the vCPU's thread, W any thread of the domain):</para>
/// <code>
///   W  BLOCKED  -> RUNNABLE               an event came; sets the vCPU's bit in the page's Attention word, rings its pCPU's doorbell
///   H  Pcpu = 1, TurnEnds = t;  RUNNABLE -> RUNNING               grants, wakes V by the futex on State
///   V  clears Exit in Poll, sees RUNNING without Revoke, runs guest code
///   H  RUNNING  -> RUNNING+Revoke, then Poll |= Exit              the turn is over and somebody waits
///   V  leaves guest code, clears Exit, sees Revoke;  RUNNING+Revoke -> RUNNABLE, rings
///   H  grants pCPU 1 to the next, some time later pCPU 0 to V:    RUNNABLE -> RUNNING
///   H  RUNNING  -> RUNNABLE, Poll |= Exit on V's own host CPU, where V cannot be running meanwhile: nobody waits for V to give back
///   V  gets its CPU again sooner or later, leaves guest code, sees RUNNABLE and waits; or sees RUNNING, granted meanwhile, and goes on
///   V  RUNNING  -> ASLEEP                 nothing to do, nobody waits: the pCPU stays V's
///   W  ASLEEP   -> RUNNING                an event came: one futex wake and no trip through the Host
///   V  RUNNING  -> ASLEEP
///   H  ASLEEP   -> BLOCKED                another vCPU has become runnable: takes the pCPU back while V sleeps on
/// </code>
/// <para>Memory order. <see cref="State"/> changes only by compare-and-swap of the whole word, so all changes of one lease have one order that every
/// thread agrees on, and none is made on an outdated view. A compare-and-swap is a full fence on x86-64: what the winner wrote before
/// (<see cref="Pcpu"/>, <see cref="TurnEnds"/>, <see cref="Clock"/>, the guest's whole state) is seen by whoever reads the new word.
/// <see cref="Poll"/> lies apart because emitted code reads it: its one rule is that the Host sets Revoke before Exit and that the vCPU clears Exit
/// before it reads <see cref="State"/>. Then either the vCPU sees Revoke, or Exit is set after it was cleared and stops the guest code at its next
/// poll; an order to stop is never lost, at worst it stops guest code once too often.</para>
/// <para>The Host trusts nothing here: it keeps its own record of who holds what, reads back only <see cref="State"/> and <see cref="Clock"/>, and
/// takes any value that makes no sense as "blocked". A domain process that scribbles on its page hurts itself.</para>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct LeaseLine
{
    /// <summary>Bytes per line: an x86-64 cache line, so that two vCPUs never write to the same one.</summary>
    public const int Size = 64;

    /// <summary>The engine's poll word (<c>PollBits</c>). Anybody sets bits by an atomic OR.</summary>
    [FieldOffset(0)]
    public uint Poll;

    /// <summary>A <see cref="LeaseState"/>; also the futex on which the vCPU's thread waits.</summary>
    [FieldOffset(4)]
    public uint State;

    /// <summary>The pCPU of the grant, and after it the one whose doorbell the vCPU rings. Written by the Host.</summary>
    [FieldOffset(8)]
    public int Pcpu;

    /// <summary>Not 0 while the vCPU is started and not taken down; only shown to people. Written by the vCPU's thread.</summary>
    [FieldOffset(12)]
    public uint Online;

    /// <summary>CPU time used, see <see cref="LeaseClock"/>. Started and stopped by the vCPU's thread, and stopped by the Host when it preempts: by compare-and-swap.</summary>
    [FieldOffset(16)]
    public long Clock;

    /// <summary>When the Host means to look again (monotonic clock); for people who debug, nothing depends on it. Written by the Host.</summary>
    [FieldOffset(24)]
    public long TurnEnds;

    /// <summary>The host's number of the vCPU's thread; 0: not started. Written by that thread; the Host hurries only threads of the domain's own process.</summary>
    [FieldOffset(32)]
    public int Thread;

    /// <summary>When the Host took the pCPU off a thread that has not noticed yet (monotonic clock); 0: it has. Written by the Host, cleared by the thread.</summary>
    [FieldOffset(40)]
    public long PreemptedAt;
}
