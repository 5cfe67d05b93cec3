using System.Globalization;
using System.Net.Sockets;
using Hospes.Host.DomainProcess;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Verbs;

/// <summary>
/// <c>spare</c>: a domain's process that is started ahead of its domain, so that who asks for one need not wait for a .NET process and its plugins. It
/// becomes the process of the one domain that it is told; when the daemon that started it is gone, it ends.
/// </summary>
internal static class SpareVerb
{
    /// <summary>The verb, by which its command line is told from that of a domain.</summary>
    public const string Name = "spare";

    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, ["--directory", "--plugins", "--wait-fd"], []);
        if (!int.TryParse(arguments.Value("--wait-fd"), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor))
            throw new UsageException("spare needs --wait-fd N; only the daemon starts it");
        using DescriptorSocket daemon = new(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
        DomainPlugins plugins = new(arguments.PluginsFile());
        plugins.Prepare();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // it may wait for long
        daemon.Send([SpareOrders.Ready]);
        List<int> descriptors = [];
        if (SpareOrders.Receive(daemon, descriptors) is not { } orders || descriptors is not [int listener, ..])
            return 0;
        Redirect(orders.Log);
        DomainLaunch launch = DomainLaunchReader.Read(Path.Combine(orders.Directory, DomainLaunch.FileName));

        // Before the daemon hears that it is taken: a daemon that dies now, and the next one, which looks for processes by their command lines, agree on
        // whether there is one.
        if (!ProcessTitle.Replace(Name, ["domain", "--directory", orders.Directory, "--name", launch.Domain.Name], needed: 3))
            throw new IOException("the command line has no room for the domain's");
        daemon.Send([SpareOrders.Taken]);
        daemon.Dispose();
        SafeFileHandle? kernel = descriptors.Count > 1 ? new SafeFileHandle(descriptors[1], ownsHandle: true) : null;
        return DomainVerb.Serve(launch, new Socket(new SafeSocketHandle(listener, ownsHandle: true)), kernel, plugins);
    }

    private static void Redirect(string log)
    {
        int file = Libc.Open(log, Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenAppend | Libc.OpenCloseOnExec, Libc.LogFileMode);
        if (file < 0 || Libc.Dup2(file, 1) < 0 || Libc.Dup2(file, 2) < 0)
            throw Libc.Failure($"cannot write to {log}");
        Libc.Close(file);
    }
}
