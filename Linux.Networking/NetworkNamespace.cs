using System.Runtime.ExceptionServices;
using Hospes.Linux.Networking.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Linux.Networking;

/// <summary>
/// A network namespace: interfaces, addresses, routes and filters of their own (network_namespaces(7)). A namespace belongs to threads, not to
/// processes; work in another than the process's own is done on a thread made for it.
/// </summary>
public sealed unsafe class NetworkNamespace : IDisposable
{
    /// <summary>Where named namespaces stand, for this and every other tool.</summary>
    public const string Directory = "/run/netns";

    private const string OfThread = "/proc/thread-self/ns/net";

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>The descriptor that stands for it.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>The calling thread's.</summary>
    public static NetworkNamespace Current() => Open(OfThread);

    /// <summary>One that a path stands for.</summary>
    /// <exception cref="NetworkException">It cannot be opened.</exception>
    public static NetworkNamespace Open(string path)
    {
        int descriptor = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        return descriptor >= 0
            ? new NetworkNamespace(new SafeFileHandle(descriptor, ownsHandle: true))
            : throw NetworkException.Last($"cannot open the network namespace {path}");
    }

    /// <summary>Makes one without a name. It lives as long as somebody is in it or holds it.</summary>
    /// <exception cref="NetworkException">That takes CAP_SYS_ADMIN, which root has.</exception>
    public static NetworkNamespace Create() => OnNewThread(() =>
    {
        if (Libc.Unshare(Libc.CloneNewNetwork) != 0)
            throw NetworkException.Last("cannot make a network namespace");
        return Open(OfThread);
    });

    /// <summary>Makes one with a name, under which every tool finds it (<c>ip netns exec NAME ...</c>); opens it if there is one.</summary>
    /// <param name="name">The name: a file name.</param>
    /// <param name="isNew">Whether it has been made.</param>
    /// <exception cref="NetworkException">It cannot be.</exception>
    public static NetworkNamespace CreateNamed(string name, out bool isNew)
    {
        string path = PathOf(name);
        isNew = false;
        if (TryOpen(path) is { } there)
            return there;
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
            File.WriteAllBytes(path, []);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new NetworkException($"cannot make the network namespace {name} as {path}", NetworkException.NotPermitted, refused.Message);
        }

        try
        {
            NetworkNamespace made = OnNewThread(() =>
            {
                if (Libc.Unshare(Libc.CloneNewNetwork) != 0)
                    throw NetworkException.Last($"cannot make the network namespace {name}");
                if (Libc.Mount(OfThread, path, null, Libc.MountBind, null) != 0)
                    throw NetworkException.Last($"cannot give the network namespace the name {path}");
                return Open(OfThread);
            });
            isNew = true;
            return made;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Takes a name away. The namespace itself ends with its last user.</summary>
    public static void DeleteNamed(string name)
    {
        string path = PathOf(name);
        if (!File.Exists(path))
            return;
        _ = Libc.Unmount(path, Libc.UnmountDetach); // a plain file stands there when a creation was cut short
        File.Delete(path);
    }

    /// <summary>Where a name stands.</summary>
    /// <exception cref="FormatException">It is no file name.</exception>
    public static string PathOf(string name) => name.Length is > 0 and < 200 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\0')
        ? Path.Combine(Directory, name)
        : throw new FormatException($"'{name}' cannot name a network namespace: it would be a file in {Directory}");

    /// <summary>Does something inside, on a thread of its own, and waits for it. What is started there (threads, processes, sockets) stays inside.</summary>
    public T Run<T>(Func<T> work) => OnNewThread(() =>
    {
        Enter();
        return work();
    });

    /// <summary>As the other.</summary>
    public void Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    /// <summary>Moves the calling thread inside, for good: for a thread that is about to end or to become another program.</summary>
    /// <exception cref="NetworkException">It may not go there.</exception>
    public void Enter()
    {
        if (Libc.Setns(_handle, Libc.CloneNewNetwork) != 0)
            throw NetworkException.Last("cannot enter a network namespace");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // A file that no namespace is bound to is what a creation that was cut short has left.
    private static NetworkNamespace? TryOpen(string path)
    {
        if (!File.Exists(path))
            return null;
        NetworkNamespace there = Open(path);
        try
        {
            there.Run(static () => { });
            return there;
        }
        catch (NetworkException)
        {
            there.Dispose();
            return null;
        }
    }

    private static T OnNewThread<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        }, 1 << 20) { IsBackground = true, Name = "in network namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
