using Hospes.Xm.Commands;
using Hospes.Xm.Commands.Security;

namespace Hospes.Xm.Cli;

/// <summary>The commands of xm, in the order of the long help. A command that is not here is not there at all.</summary>
internal sealed class CommandTable
{
    private readonly XmCommand[] _commands =
    [
        new ConsoleCommand(),
        new CreateCommand(),
        new NewCommand(),
        new DeleteCommand(),
        new DestroyCommand(),
        new DomidCommand(),
        new DomnameCommand(),
        new DumpCoreCommand(),
        new HelpCommand(),
        new ListCommand(),
        new MemMaxCommand(),
        new MemSetCommand(),
        new PauseCommand(),
        new RebootCommand(),
        new RenameCommand(),
        new ShutdownCommand(),
        new StartCommand(),
        new SysrqCommand(),
        new TopCommand(),
        new TriggerCommand(),
        new UnpauseCommand(),
        new UptimeCommand(),
        new VcpuListCommand(),
        new VcpuPinCommand(),
        new VcpuSetCommand(),
        new DebugKeysCommand(),
        new DmesgCommand(),
        new InfoCommand(),
        new LogCommand(),
        new ServeCommand(),
        new SchedCreditCommand(),
        new SchedSedfCommand(),
        new BlockAttachCommand(),
        new BlockDetachCommand(),
        new BlockListCommand(),
        new BlockConfigureCommand(),
        new NetworkAttachCommand(),
        new NetworkDetachCommand(),
        new NetworkListCommand(),
        new LabelsCommand(),
        new AddLabelCommand(),
        new RmLabelCommand(),
        new GetLabelCommand(),
        new DryRunCommand(),
        new ResourcesCommand(),
        new MakePolicyCommand(),
        new LoadPolicyCommand(),
        new CfgBootPolicyCommand(),
        new DumpPolicyCommand(),
        new ActivatePolicyCommand(),
        new SetPolicyCommand(),
        new GetPolicyCommand(),
        new ResetPolicyCommand(),
        new EzPolicyCommand(),
        new RefineLabelCommand(),
        new ShellCommand(),
        new EventMonitorCommand(),
        new CompletionCommand(),
    ];

    public IEnumerable<CommandDescription> Commands => _commands.Select(command => command.Description);

    /// <summary>Finds a command by its name or by a beginning of at least two letters that no other command has.</summary>
    public XmCommand? Find(string word)
    {
        if (Array.Find(_commands, command => command.Description.Name == word) is { } exact)
            return exact;
        XmCommand[] candidates = word.Length < 2
            ? []
            : Array.FindAll(_commands, command => command.Description.Name.StartsWith(word, StringComparison.Ordinal));
        return candidates.Length == 1 ? candidates[0] : null;
    }

    /// <summary>Finds a command by a name it used to have.</summary>
    public XmCommand? FindDeprecated(string word) => Array.Find(_commands, command => command.Description.DeprecatedNames.Contains(word));
}
