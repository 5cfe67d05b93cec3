using System.Text;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm getpolicy</c>.</summary>
internal sealed class GetPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "getpolicy",
        Group = CommandGroup.Security,
        Arguments = "[options]",
        Summary = "Show which policy is installed, and whether it is in force.",
        Options = [new('\0', "dumpxml", "Show its source too")],
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        Write(session, line.Has("dumpxml"));
        return 0;
    }

    /// <summary>The same after a change.</summary>
    internal static void Write(XmSession session, bool withSource)
    {
        SecurityInfo state = session.Security.State();
        session.Out.Write($"Supported security subsystems   : {(state.Type.Length > 0 ? state.Type : "None")}\n\n");
        if (state.Installed.Length == 0)
        {
            session.Out.Write("No policy is installed.\n");
            return;
        }

        bool isLoaded = state.IsEnforcing && state.Policy == state.Installed;
        string words = string.Join(", ", new[] { isLoaded ? "loaded" : null, state.IsBootPolicy ? "system booted with" : null }.OfType<string>());
        session.Out.Write(
            "Policy installed on the system:\n"
            + $"Policy name           : {state.Installed}\n"
            + $"Policy type           : {state.Type}\n"
            + $"Reference             : {state.Reference}\n"
            + $"Version of XML policy : {state.Version}\n"
            + $"State of the policy   : {(words.Length > 0 ? words : "not loaded")}\n");
        if (withSource)
            session.Out.Write($"Policy XML            :\n{Encoding.UTF8.GetString(session.Security.Source())}");
    }
}
