using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hospes.Host.DomainProcess;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Verbs;

/// <summary><c>domain</c>: the process of one domain. Ends when a Host says so, or on SIGTERM; never because a Host has gone.</summary>
internal static class DomainVerb
{
    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, ["--directory", "--listen-fd", "--kernel-fd", "--name"], []);
        string directory = arguments.Value("--directory") ?? throw new UsageException("domain needs --directory DIR");
        DomainLaunch launch = DomainLaunchReader.Read(Path.Combine(directory, DomainLaunch.FileName));
        SafeFileHandle? kernel = Descriptor(arguments, "--kernel-fd") is { } descriptor ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
        return Serve(launch, Listener(arguments, directory), kernel, plugins: null);
    }

    /// <summary>Is the process of a domain until that ends.</summary>
    /// <param name="launch">The domain.</param>
    /// <param name="listener">Its control socket. Not disposed: the thread that waits in accept would be waited for. The end of the process closes it.</param>
    /// <param name="kernel">A memory file for its kernel, if there is one.</param>
    /// <param name="plugins">Its plugins, if they are loaded already.</param>
    public static int Serve(DomainLaunch launch, Socket listener, SafeFileHandle? kernel, DomainPlugins? plugins)
    {
        _ = Libc.Prctl(Libc.SetName, launch.Domain.Name); // only for people who look at process lists
        Log(launch, $"begins as process {Environment.ProcessId}");
        using DomainRunner runner = new(launch, kernel, plugins);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            runner.Ended.Set();
        });
        new Thread(() => Accept(listener, runner), 256 * 1024) { IsBackground = true, Name = "control" }.Start();
        runner.Build();
        runner.Ended.Wait();
        Log(launch, "ends");
        return 0;
    }

    // A Host that connects while another is connected takes its place: the other is dead, or about to be.
    private static void Accept(Socket listener, DomainRunner runner)
    {
        HostConnection? connection = null;
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = listener.Accept();
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }

            connection?.Dispose();
            connection = new HostConnection(new DescriptorSocket(accepted), runner);
        }
    }

    private static Socket Listener(VerbArguments arguments, string directory) => Descriptor(arguments, "--listen-fd") is { } descriptor
        ? new Socket(new SafeSocketHandle(descriptor, ownsHandle: true))
        : OwnerOnlySocket.Listen(Path.Combine(directory, DomainProcessLauncher.ControlSocketName), backlog: 4);

    private static int? Descriptor(VerbArguments arguments, string option)
    {
        if (arguments.Value(option) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)
            ? descriptor
            : throw new UsageException($"{option} takes a descriptor's number, not '{text}'");
    }

    private static void Log(DomainLaunch launch, string what) =>
        Console.Error.WriteLine($"[{DateTime.Now:yyyy-MM-dd HH:mm:ss}] domain {launch.Domain.DomainId} ({launch.Domain.Name}) {what}");
}
