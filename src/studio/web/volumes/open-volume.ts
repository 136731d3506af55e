import { useQuery } from "@tanstack/react-query";
import type { OpenVolumeRequest, VolumeAnswer } from "../../protocol/volumes.ts";
import { request } from "../connection/request.ts";

/**
 * Opens a volume of the project on the server.
 * @throws RequestError with what is wrong with the file
 */
export function openVolume(body: OpenVolumeRequest): Promise<VolumeAnswer> {
  return request<VolumeAnswer>("/api/volumes/open", { body });
}

/** A volume by its path, opened once however many parts of the screen ask; null path: none. */
export function useVolume(path: string | null, as: OpenVolumeRequest["as"] = "density") {
  return useQuery({
    queryKey: ["volume", path, as],
    queryFn: () => openVolume({ path: path!, as }),
    enabled: path !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
