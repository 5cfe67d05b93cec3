using System.Globalization;
using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Leases;

public sealed class HostThreadTests
{
    // proc_pid_stat(5), counted from the state, which follows the name.
    private const int Nice = 16;
    private const int Policy = 38;

    [SkippableFact]
    public void A_thread_that_was_made_real_time_becomes_what_it_was()
    {
        bool isAllowed = false;
        List<string[]> states = [];
        Thread thread = new(() =>
        {
            states.Add(Stat());
            isAllowed = HostThread.TryMakeRealTime(5);
            states.Add(Stat());
            HostThread.MakeOrdinary();
            states.Add(Stat());
        });
        thread.Start();
        thread.Join();
        Skip.IfNot(isAllowed, "real-time priorities are not allowed here");
        states.Select(static state => state[Policy]).Should().Equal("0", "1", "0");
        states[2][Nice].Should().Be(states[0][Nice]);
    }

    [Fact]
    public void Threads_of_others_are_left_alone()
    {
        HostThread.TryHurry(process: Environment.ProcessId, thread: 1, priority: 5).Should().BeFalse();
        HostThread.TryHurry(process: -1, thread: HostThread.CurrentId, priority: 5).Should().BeFalse();
    }

    private static string[] Stat() =>
        File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{HostThread.CurrentId}/stat")).Split(") ")[^1].Split(' ');
}
