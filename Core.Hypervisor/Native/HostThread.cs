using System.Globalization;
using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>The host's threads under their own names and priorities (sched(7), gettid(2), proc_pid_schedstat; x86-64 Linux values).</summary>
public static unsafe partial class HostThread
{
    private const long SysGetTid = 186;
    private const long SysTgkill = 234;
    private const long SysSchedSetAttr = 314;
    private const ulong ResetOnForkFlag = 1;
    private const ulong ShortestSlice = 100_000;
    private const int NoSignal = 0;
    private const int SetTimerSlack = 29;
    private const int CallingThread = 0;
    private const int OfProcess = 0; // to the kernel: of a thread
    private const int PolicyOther = 0;
    private const int PolicyFifo = 1;
    private const int PolicyIdle = 5;

    // Threads that a real-time thread happens to start are ordinary ones.
    private const int ResetOnFork = 0x40000000;

    /// <summary>The calling thread's number.</summary>
    public static int CurrentId => (int)Syscall(SysGetTid);

    /// <summary>Runs the calling thread before all ordinary ones; false when that is not allowed here (it takes root or RLIMIT_RTPRIO).</summary>
    /// <param name="priority">1 to 99, higher goes first.</param>
    public static bool TryMakeRealTime(int priority) => SetScheduler(CallingThread, PolicyFifo | ResetOnFork, &priority) == 0;

    /// <summary>
    /// Takes back <see cref="TryMakeRealTime"/> or <see cref="TryHurry"/> for the calling thread. Among the ordinary threads it asks for short slices, so
    /// that it goes on now and makes room soon, instead of waiting until all others have had theirs (sched_setattr(2); kernels before 6.12 take no notice).
    /// </summary>
    public static void MakeOrdinary()
    {
        // The flag stays: taking it away is a right of its own.
        var attributes = new SchedulingAttributes
        {
            Size = (uint)sizeof(SchedulingAttributes),
            Policy = PolicyOther,
            Flags = ResetOnForkFlag,
            Nice = GetPriority(OfProcess, CallingThread), // what the person has said by nice(1), which the real-time priority has left alone
            Runtime = ShortestSlice,
        };
        Syscall(SysSchedSetAttr, CallingThread, (long)&attributes, 0);
    }

    /// <summary>Runs a thread of another process before all ordinary ones; false when it is none of that process', or this is not allowed here.</summary>
    public static bool TryHurry(int process, int thread, int priority) =>
        process > 0 && thread > 0 && Syscall(SysTgkill, process, thread, NoSignal) == 0 && SetScheduler(thread, PolicyFifo | ResetOnFork, &priority) == 0;

    /// <summary>Has the calling thread's timed waits end when they are to, not up to 50 us later as ordinary threads' do (prctl(2)).</summary>
    public static void MakePunctual() => Prctl(SetTimerSlack, 1);

    /// <summary>Lets a thread of this process run only when nobody else wants to.</summary>
    public static bool TryMakeIdle(int thread)
    {
        int priority = 0;
        return SetScheduler(thread, PolicyIdle, &priority) == 0;
    }

    /// <summary>How long a thread of this process has waited for a CPU though it had work, in nanoseconds; 0 where the kernel does not say.</summary>
    public static long WaitedForCpu(int thread)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/self/task/{thread}/schedstat").Split(' ');
            return words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long waited) ? waited : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // struct sched_param is one int on x86-64.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* parameters);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Syscall(long number);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Syscall(long number, long first, long second, long third);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int kind, int thread);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, ulong argument);

    /// <summary>struct sched_attr, first version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
