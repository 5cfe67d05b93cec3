using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary>
/// A process, held by a descriptor (pidfd_open(2)) so that its number being given to another process never misleads. Works for processes that this
/// one did not start, which a Host that comes back needs; only for its own children can it say how they ended.
/// </summary>
internal sealed unsafe class ProcessHandle : IDisposable
{
    private readonly int _pidfd;
    private readonly TaskCompletionSource<string> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;
    private int _released; // by the watcher and by the owner: the second closes the descriptor

    private ProcessHandle(int pid, int pidfd)
    {
        Id = pid;
        _pidfd = pidfd;
        Thread watcher = new(Watch, 128 * 1024) { IsBackground = true, Name = $"process {pid}" };
        watcher.Start();
    }

    /// <summary>The process number.</summary>
    public int Id { get; }

    /// <summary>Done when the process has ended; says how, for a log.</summary>
    public Task<string> Exited => _exited.Task;

    /// <summary>Takes hold of a running process; null when there is none of that number.</summary>
    public static ProcessHandle? TryOpen(int pid)
    {
        if (pid <= 0)
            return null;
        int pidfd = Libc.PidfdOpen(pid);
        return pidfd < 0 ? null : new ProcessHandle(pid, pidfd);
    }

    /// <summary>Sends a signal; nothing happens when the process has ended.</summary>
    public void Signal(int signal)
    {
        if (!Exited.IsCompleted)
            Libc.PidfdSignal(_pidfd, signal);
    }

    /// <summary>Lets the process go; it is not ended. The descriptor is closed when the process ends, since a thread waits on it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        Release();
    }

    private void Watch()
    {
        PollEntry entry = new() { Descriptor = _pidfd, Wanted = Libc.PollIn };
        while (Libc.Poll(&entry, 1, -1) <= 0)
        {
        }

        // siginfo_t of waitid(2): si_code at 8, si_status at 24, 128 bytes in all.
        byte* information = stackalloc byte[128];
        string how;
        int waited;
        do
            waited = Libc.Waitid(Libc.WaitByPidfd, _pidfd, information, Libc.WaitExited);
        while (waited != 0 && Marshal.GetLastPInvokeError() == Libc.Eintr);
        if (waited != 0)
        {
            how = "ended";
        }
        else
        {
            int status = *(int*)(information + 24);
            how = *(int*)(information + 8) == 1 ? $"exited with status {status}" : $"was ended by signal {status}";
        }

        _exited.TrySetResult(how);
        Release();
    }

    private void Release()
    {
        if (Interlocked.Increment(ref _released) == 2)
            Libc.Close(_pidfd);
    }
}
