using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm new</c>: as create, but the domain is only made known; <c>xm start</c> starts it.</summary>
internal sealed class NewCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "new",
        Group = CommandGroup.Domain,
        Arguments = "<ConfigFile> [options] [vars]",
        Summary = "Add a domain to those that xend manages; it is known and can be started until it is deleted.",
        IsCommon = true,
        Options = ConfigInput.Options,
        ArgumentKind = ArgumentKind.ConfigFile,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session) => ConfigInput.Run(line, session, form =>
    {
        session.Xend.New(form.ToString());
        return 0;
    });
}
