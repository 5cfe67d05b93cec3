using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hospes.Bench.Guests;
using Hospes.TestGuests;

namespace Hospes.Bench.Control;

/// <summary>Guests that do next to nothing, made and ended by xend's API: what remains is the control plane's own work.</summary>
internal sealed class ControlGuests
{
    // Interrupts on, halt, for ever: none comes, so it stays blocked.
    private static readonly byte[] Waits = [0xfb, 0xf4, 0xeb, 0xfc];

    private readonly Appliance _appliance;
    private readonly string _kernel;

    public ControlGuests(Appliance appliance)
    {
        _appliance = appliance;
        _kernel = Path.Combine(appliance.Root, "waits");
        File.WriteAllBytes(_kernel, TinyKernel.FromCode(Waits));
    }

    /// <summary>Makes a guest of sixteen MiB; it is paused.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="more">Further forms of its configuration.</param>
    public Task CreateAsync(string name, CancellationToken cancellation, string more = "") => CreateAsync(name, _kernel, null, 16, cancellation, more);

    /// <summary>Makes a guest; it is paused.</summary>
    public Task CreateAsync(string name, string kernel, string? ramdisk, int mebibytes, CancellationToken cancellation, string more = "")
    {
        string loaded = ramdisk is null ? "" : $"(ramdisk '{ramdisk}')";
        return PostAsync("v1/domains", $"(vm (name {name}) (memory {mebibytes}) {more} (image (linux (kernel '{kernel}') {loaded} (root '') (args 'console=hvc0'))))", "application/sxp", cancellation);
    }

    /// <summary>Lets it run.</summary>
    public Task UnpauseAsync(string name, CancellationToken cancellation) => PostAsync($"v1/domains/{name}/unpause", "{}", "application/json", cancellation);

    /// <summary>Ends it.</summary>
    public Task DestroyAsync(string name, CancellationToken cancellation) => PostAsync($"v1/domains/{name}/destroy", "{}", "application/json", cancellation);

    /// <summary>Waits until its vCPU has executed something.</summary>
    public async Task ExecutesAsync(string name, CancellationToken cancellation)
    {
        while (true)
        {
            JsonNode vcpus = JsonNode.Parse(await _appliance.Api.GetStringAsync($"v1/domains/{name}/vcpus", cancellation))!;
            if ((double)vcpus[0]!["cpuTime"]! > 0)
                return;
        }
    }

    /// <summary>Guests by name, running, made four at a time.</summary>
    public async Task<string[]> RunAsync(int from, int to, CancellationToken cancellation)
    {
        string[] names = [.. Enumerable.Range(from, to - from).Select(static number => string.Create(CultureInfo.InvariantCulture, $"g{number}"))];
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (name, end) =>
        {
            await CreateAsync(name, end);
            await UnpauseAsync(name, end);
        });
        return names;
    }

    /// <summary>The process of a guest.</summary>
    public async Task<Process> ProcessAsync(string name, CancellationToken cancellation)
    {
        JsonNode domain = JsonNode.Parse(await _appliance.Api.GetStringAsync($"v1/domains/{name}", cancellation))!;
        return Process.GetProcessById(int.Parse(
            await File.ReadAllTextAsync(Path.Combine(_appliance.Domains, $"{domain["domid"]}", "pid"), cancellation), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));
    }

    private async Task PostAsync(string path, string body, string kind, CancellationToken cancellation)
    {
        using StringContent content = new(body, Encoding.UTF8, kind);
        using HttpResponseMessage answer = await _appliance.Api.PostAsync(path, content, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"{path}: {await answer.Content.ReadAsStringAsync(cancellation)}");
    }
}
