using System.Net.Sockets;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Commands;

/// <summary><c>xm serve</c>: the XML-RPC socket, which also serves what xm itself speaks, over standard input and output: how an xm elsewhere reaches it through ssh.</summary>
internal sealed class ServeCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "serve",
        Group = CommandGroup.Host,
        Summary = "Connect standard input and output to xend's XML-RPC interface, for use through ssh.",
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        Socket socket;
        string path = Path.Combine(session.Root, "var/run/xend/xmlrpc.sock");
        try
        {
            socket = ConsoleSession.Connect(path);
        }
        catch (SocketException failure)
        {
            throw new XendUnreachableException($"{path}: {failure.Message}", failure.SocketErrorCode == SocketError.AccessDenied, failure);
        }

        // A console's session is just this: bytes both ways, in a pipe none of them special.
        using ConsoleSession proxy = new(socket, session.Environment.InputFd, session.Environment.OutputFd);
        proxy.Run(session.Environment.Interrupts);
        return 0;
    }
}
