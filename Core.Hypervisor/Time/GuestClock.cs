using System.Runtime.CompilerServices;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>
/// The guest's time (fact sheet "Guest ABI", 8.2 and 8.3): system time and time-stamp counter are one number, the host's monotonic nanoseconds since
/// the domain began, so the counter runs at 1 GHz and the conversion that guests read from vcpu_info never changes.
/// </summary>
/// <remarks>
/// Worked example: now = system_time + (((tsc - tsc_timestamp) &lt;&lt; shift) * mul) &gt;&gt; 32 with both starts 0, shift 1 and mul 2^31 is tsc * 2 * 2^31 / 2^32 = tsc.
/// </remarks>
/// <param name="clock">The host's clock.</param>
/// <param name="offset">How much the guest's wall clock is ahead of the host's.</param>
internal sealed class GuestClock(IClock clock, TimeSpan offset = default)
{
    /// <summary>Time-stamp counts per second.</summary>
    internal const ulong Frequency = 1_000_000_000;

    /// <summary>The multiplier in vcpu_time_info.</summary>
    internal const uint Multiplier = 0x8000_0000;

    /// <summary>The shift in vcpu_time_info.</summary>
    internal const sbyte Shift = 1;

    /// <summary>Bytes of vcpu_time_info.</summary>
    internal const int TimeInfoSize = 32;

    private readonly long _origin = clock.Now.Value;

    /// <summary>The host's clock.</summary>
    internal IClock Host => clock;

    /// <summary>System time now, and the time-stamp counter.</summary>
    internal ulong Now => (ulong)(clock.Now.Value - _origin);

    /// <summary>What is to be added to the host's CLOCK_MONOTONIC for <see cref="Now"/>; null: the clock is another one.</summary>
    internal long? Base => clock is HostClock ? -_origin : null;

    /// <summary>Unix time, or what the guest is to take for it, at system time 0, nanoseconds.</summary>
    internal ulong WallClockBase => (ulong)(clock.UnixTime.Value + offset.Ticks * TimeSpan.NanosecondsPerTick - (long)Now);

    /// <summary>
    /// A point of system time, signed as Xen's s_time_t is, on the host's clock: negative is long past, beyond the clock's end (292 years) never.
    /// </summary>
    internal Nanoseconds ToHost(ulong systemTime)
    {
        long time = Math.Max((long)systemTime, 0);
        return time > long.MaxValue - _origin ? Nanoseconds.Never : new Nanoseconds(time + _origin);
    }

    /// <summary>A point of the host's clock in system time; what was before the domain began is its beginning.</summary>
    internal ulong FromHost(Nanoseconds time) => (ulong)Math.Max(0, time.Value - _origin);

    /// <summary>Writes vcpu_time_info: u32 version, pad, u64 tsc_timestamp @8, u64 system_time @16, u32 mul @24, s8 shift @28, u8 flags @29.</summary>
    internal static void WriteTimeInfo(Span<byte> area)
    {
        const uint Version = 2;
        const byte TscStable = 1;
        area[..TimeInfoSize].Clear();
        Unsafe.WriteUnaligned(ref area[24], Multiplier);
        area[28] = (byte)Shift;
        area[29] = TscStable;

        // The version, even and never zero, comes last: a reader that sees it sees the rest.
        Thread.MemoryBarrier();
        Unsafe.WriteUnaligned(ref area[0], Version);
    }
}
