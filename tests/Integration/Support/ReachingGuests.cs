using System.Diagnostics;

namespace Hospes.Integration.Support;

/// <summary>
/// An appliance under a policy of two workloads, and three guests: two of one, a stranger of the other. Each has a program that reaches for other domains
/// (<c>Guests/reach</c>) with Debian's perl, and a network where there can be one. Tests that share it leave it as they found it.
/// </summary>
public sealed class ReachingGuests : IAsyncLifetime
{
    /// <summary>The policy in force.</summary>
    public const string Policy = "example.reach";

    private readonly string _namespace = $"hospes-acm-{Environment.ProcessId}";

    internal Appliance Appliance { get; } = new();

    /// <summary>Whether they have a network.</summary>
    internal bool HasNetwork { get; private set; }

    public async Task InitializeAsync()
    {
        HasNetwork = Environment.UserName == "root" && File.Exists("/dev/net/tun") && File.Exists("/usr/sbin/nft");
        (await Appliance.HostAsync(HasNetwork ? ["xend", "start", "--netns", _namespace] : ["xend", "start"])).Succeeded();
        string definition = Path.Combine(Appliance.Root, "workloads.wld");
        await File.WriteAllTextAsync(definition, "ezpolicy = {'orgs': [['Avis', []], ['Hertz', []]], 'cons': []}\n");
        foreach (string[] words in (string[][])[["ezpolicy", definition, Policy], ["makepolicy", Policy], ["loadpolicy", Policy]])
            (await Appliance.XmAsync(words)).Succeeded();
        string initrd = Path.Combine(Appliance.Root, "reach.img");
        await WriteInitrdAsync(initrd);

        // The two of one workload give each other a file; the third, which nobody answers, itself.
        (string Name, string Label, string Peer)[] guests = [("avis1", "Avis", "avis2"), ("avis2", "Avis", "avis1"), ("hertz", "Hertz", "hertz")];
        foreach ((string name, string label, string peer) in guests)
        {
            string more = $"{(HasNetwork ? "vif = ['']" : "")}\naccess_control = ['policy={Policy},label={label}']";
            string extra = HasNetwork ? $"hospes.tour hospes.peer={peer}" : "hospes.tour";
            (await Appliance.XmAsync("create", Appliance.Write(new GuestConfiguration(name) { MemoryMiB = 160, Ramdisk = initrd, Extra = extra, More = more }))).Succeeded();
        }

        foreach ((string name, _, _) in guests)
            await Appliance.ConsoleSaysAsync(name, "hospes: tour is over");
    }

    public Task DisposeAsync() => Appliance.DisposeAsync();

    // perl is part of every Debian; the modules that it is made of say themselves where they are, and the linker what it is linked to.
    private static async Task WriteInitrdAsync(string path)
    {
        GuestArchive archive = new();
        archive.Add("/bin/perl", await File.ReadAllBytesAsync("/usr/bin/perl"));
        archive.Add("/bin/reach", await File.ReadAllBytesAsync(Path.Combine(Tree.Root, "tests/Integration/Guests/reach")));
        ProcessStartInfo modules = Program.Command("/usr/bin/perl", "-Mstrict", "-Mwarnings", "-Mconstant", "-e", "print \"$_\\n\" for values %INC");
        ProcessStartInfo libraries = Program.Command("ldd", "/usr/bin/perl");
        IEnumerable<string> linked = (await Program.RunAsync(libraries)).Succeeded().Lines.Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Select(static words => Array.Find(words, static word => word[0] == '/')).OfType<string>();
        foreach (string file in (await Program.RunAsync(modules)).Succeeded().Lines.Concat(linked))
            archive.Add(file, await File.ReadAllBytesAsync(file));
        archive.Write(path, Tree.Initrd);
    }
}
