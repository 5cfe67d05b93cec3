using Hospes.Roff;
using Hospes.Xm.Configuration;

namespace Hospes.Xm.Cli;

/// <summary>xm(1) and xmdomain.cfg(5), made of the tables that help and completion are made of.</summary>
internal static class ManualPages
{
    /// <summary>The pages by their files' names.</summary>
    public static IReadOnlyDictionary<string, string> All(CommandTable table) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["xm.1"] = Commands(table),
        ["xmdomain.cfg.5"] = Variables(),
    };

    private static string Commands(CommandTable table)
    {
        RoffPage page = new RoffPage("xm", 1, "control, list, and manipulate Xen guest instances")
            .Section("SYNOPSIS").Text("xm [--root DIR] <subcommand> [args]")
            .Section("DESCRIPTION")
            .Text("xm speaks with xend over its Unix socket. A subcommand may be cut short where that leaves no doubt, to two letters at least. <Domain> is a domain's name, its number, or its identity. Switches may stand anywhere; -- ends them.")
            .Text("Listings print JSON with --json.");
        foreach (IGrouping<CommandGroup, CommandDescription> group in table.Commands.GroupBy(static command => command.Group))
        {
            page.Section($"{Title(group.Key)} SUBCOMMANDS");
            foreach (CommandDescription command in group)
            {
                page.Part($"xm {command.Name} {command.Arguments}".TrimEnd()).Text(command.Summary);
                foreach (OptionSpec option in command.Options)
                    page.Item(option.Synopsis, option.Help);
                if (command.DeprecatedNames.Count > 0)
                    page.Text($"Deprecated names: {string.Join(", ", command.DeprecatedNames)}.");
            }
        }

        return page
            .Section("EXIT STATUS").Text("0, or 1 when something went wrong; the help of one subcommand (xm CMD --help) also ends with 1, as ever.")
            .Section("ENVIRONMENT")
            .Item("HOSPES_ROOT", "The directory below which all of Xen's places are; --root goes before it.")
            .Item("XM_SERVER", "Where xend is: httpu:///path/of/socket, http://host:port/, https://host:port/ (ports of xend-http-server or xend-tcp-xmlrpc-server) or ssh://[user@]host/, which runs xm serve there.")
            .Item("XM_CONFIG_FILE", "The file that says so if XM_SERVER does not; /etc/xen/xm-config.xml if not set.")
            .Section("FILES").Item("/var/run/xend/xend.sock", "xend's socket.").Item("/etc/xen/xm-config.xml", "Which xend to use: <xm><server type='LegacyXMLRPC' uri='ssh://root@other/'/></xm>.").Item("/etc/xen", "Where configurations are looked for, after the working directory.")
            .Section("SEE ALSO").Text("xmdomain.cfg(5), xend-config.sxp(5)").ToString();
    }

    private static string Variables()
    {
        RoffPage page = new RoffPage("xmdomain.cfg", 5, "a domain's configuration for xm create")
            .Section("DESCRIPTION")
            .Text("A configuration is a Python file that assigns variables; what is not plain assignments is run by python3, with a limit of time. Words name=value after xm create set variables, too, and go before the file's.")
            .Section("VARIABLES");
        foreach (ConfigVariable variable in ConfigVariables.All)
            page.Item($"{variable.Name} = {variable.Values}", variable.Help);
        return page
            .Section("EXAMPLE").Example("name    = \"web\"\nmemory  = 256\nkernel  = \"/boot/vmlinuz\"\nramdisk = \"/boot/initrd.img\"\ndisk    = ['file:/srv/web.img,xvda,w']\nvif     = ['bridge=xenbr0']\nextra   = \"console=hvc0\"")
            .Section("SEE ALSO").Text("xm(1), xend-config.sxp(5)").ToString();
    }

    private static string Title(CommandGroup group) => group switch
    {
        CommandGroup.Security => "ACCESS CONTROL",
        CommandGroup.Tool => "OTHER",
        _ => group.ToString().ToUpperInvariant(),
    };
}
